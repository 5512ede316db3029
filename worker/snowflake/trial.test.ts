import { beforeEach, describe, expect, it } from "vitest";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../testing/snowflake.ts";
import type { SnowflakeAccess } from "./access.ts";
import { tryConnection } from "./trial.ts";

let snowflake: StartedSnowflake;
beforeEach(async () => {
  snowflake = await startSnowflake();
});

const tried = (given: Partial<SnowflakeAccess> = {}, model: string | null = "claude-haiku-4-5") =>
  tryConnection({ ...snowflake.access, ...given }, new StandingClock(), model);
const named = (given: Partial<SnowflakeAccess["names"]>) => ({ names: { ...snowflake.access.names, ...given } });
const PARTS = ["account", "sign_in", "role", "warehouse", "tables", "streaming", "cortex"];

describe("a connection that is tried", () => {
  it("is well in all its parts, and costs no warehouse", async () => {
    const trials = await tried();
    expect(trials.filter(({ isOk }) => !isOk)).toEqual([]);
    expect(trials.map(({ what }) => what)).toEqual(PARTS);
    expect(trials.every(({ says }) => /[.]$/.test(says))).toBe(true);
    const { warehouses, complaints } = await snowflake.told();
    expect(warehouses["NEPHOS_WH"]!.resumes).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each([
    ["an account that answers with a page", "html", "account", "account_unknown"],
    ["an account that is suspended", "account_suspended", "account", "account_suspended"],
    ["a key that is not registered", "key_refused", "sign_in", "key_refused"],
    ["a network policy", "address_refused", "sign_in", "network_refused"],
  ] as const)("names %s, and goes no further", async (_what, kind, part, problem) => {
    await snowflake.fault({ kind });
    const trials = await tried();
    expect(trials.map(({ what }) => what)).toEqual(PARTS.slice(0, PARTS.indexOf(part) + 1));
    expect(trials.at(-1)).toMatchObject({ isOk: false, problem, remedy: expect.stringMatching(/\w{3}/) });
  });

  it.each([
    ["user", { user: "NOBODY" }, "sign_in", "key_refused"],
    ["role", { role: "ACCOUNTADMIN" }, "role", "role_missing"],
    ["warehouse", { warehouse: "BIG_WH" }, "warehouse", "warehouse_missing"],
    ["database", { database: "ELSEWHERE" }, "tables", "database_missing"],
  ] as const)("names a %s that is not there or not granted", async (_what, names, part, problem) => {
    const trials = await tried(named(names));
    expect(trials.at(-1)).toMatchObject({ what: part, isOk: false, problem });
    expect(trials.at(-1)!.says + trials.at(-1)!.remedy).toContain(Object.values(names)[0]);
  });

  it("names a table that is missing", async () => {
    await snowflake.order({ forget: { privilege: "SELECT", on: "PUBLIC.METRICS_HOURLY" } });
    expect((await tried()).at(-1)).toMatchObject({
      what: "tables",
      problem: "rights_missing",
      remedy: expect.stringContaining("Run the setup again"),
    });
  });

  it("names the right to Cortex, and a model that the region does not have", async () => {
    await snowflake.order({ models: ["mistral-7b"] });
    expect((await tried()).at(-1)).toMatchObject({
      what: "cortex",
      problem: "model_missing",
      says: expect.stringContaining("claude-haiku-4-5"),
    });
    await snowflake.order({ forget: { privilege: "CORTEX_USER" } });
    expect((await tried()).at(-1)).toMatchObject({
      what: "cortex",
      problem: "cortex_refused",
      remedy: expect.stringContaining("SNOWFLAKE.CORTEX_USER"),
    });
  });

  it("that nothing answers at is no account yet", async () => {
    const trials = await tried({ endpoint: "http://127.0.0.1:9" });
    expect(trials).toMatchObject([{ what: "account", isOk: false, problem: "unavailable" }]);
  });
});
