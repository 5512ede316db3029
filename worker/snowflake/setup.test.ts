import { describe, expect, it } from "vitest";
import { snowflakeNamesSchema } from "../../contract/snowflake.ts";
import { SETUP_TEXT } from "./setup-text.ts";
import { creditQuotaOf, setupSql } from "./setup.ts";

const NAMES = snowflakeNamesSchema.parse({ user: "watch_user", database: "ops" });
const KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA+/==";
const WISHES = { names: NAMES, publicKey: KEY, creditQuota: 10 };

describe("the setup", () => {
  it("has the account's names and key in every place, and leaves none open", () => {
    const sql = setupSql(SETUP_TEXT, WISHES);
    expect(sql).not.toMatch(/\{\{|\}\}/);
    expect(sql).toContain("CREATE DATABASE IF NOT EXISTS OPS;");
    expect(sql).toContain("CREATE USER IF NOT EXISTS WATCH_USER TYPE = SERVICE");
    expect(sql).toContain(`RSA_PUBLIC_KEY = '${KEY}'`);
    expect(sql).not.toContain("by hand, replace them yourself");
  });

  it("takes a key that is broken into lines", () => {
    expect(setupSql(SETUP_TEXT, { ...WISHES, publicKey: ` ${KEY.slice(0, 20)}\n${KEY.slice(20)}\n` })).toContain(
      `'${KEY}'`,
    );
  });

  it("sets no key where signing in is by a token", () => {
    expect(setupSql(SETUP_TEXT, { ...WISHES, publicKey: null })).not.toContain("RSA_PUBLIC_KEY =");
  });

  it.each([
    ["a name that ends the statement", { names: { ...NAMES, role: "R; DROP DATABASE OPS; --" } }],
    ["a name in quotes", { names: { ...NAMES, user: '"x"' } }],
    ["a key that ends its text", { publicKey: "MIIB' PASSWORD = 'x" }],
    ["a key with a comment", { publicKey: "MIIB--" }],
    ["a quota that is none", { creditQuota: Number.NaN }],
  ])("lets nothing else in: %s", (_what, wish) => {
    expect(() => setupSql(SETUP_TEXT, { ...WISHES, ...wish })).toThrow();
  });

  it("does not go out half filled", () => {
    expect(() => setupSql("CREATE ROLE {{NEW_THING}};", WISHES)).toThrow("{{NEW_THING}}");
  });

  it("lets a warehouse that starts every hour have more than a month of that", () => {
    expect(creditQuotaOf({ isExportOn: true, exportWay: "merge", exportEveryHours: 1 })).toBe(25);
    expect(creditQuotaOf({ isExportOn: true, exportWay: "streaming", exportEveryHours: 1 })).toBe(10);
  });
});
