import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { newSecret } from "../auth/secret.ts";
import { database } from "../db/client.ts";
import { keyringOf } from "./keyring.ts";
import { countByKey, reseal } from "./reseal.ts";
import { keyIdOf, Vault, vaultOf } from "./vault.ts";

const [first, second] = [newSecret(), newSecret()];
const vaultWith = (variables: object) => new Vault(keyringOf(variables));

it("a secret comes back whole, and no two sealings of it are alike", async () => {
  const vault = vaultWith({ ENCRYPTION_KEY_1: first });
  const secret = "clé privée 🔑 ".repeat(200);
  const sealed = await vault.seal(secret, "provider google");
  expect(await vault.open(sealed, "provider google")).toBe(secret);
  expect(await vault.seal(secret, "provider google")).not.toBe(sealed);
  expect(sealed).not.toContain("priv");
});

it("a sealed text moved to another purpose, changed by one bit, cut, or of a key that is gone does not open", async () => {
  const vault = vaultWith({ ENCRYPTION_KEY_1: first });
  const sealed = await vault.seal("secret", "provider google");
  await expect(vault.open(sealed, "provider other")).rejects.toThrow("does not open");
  const [version, id, nonce, rest] = sealed.split(".") as [string, string, string, string];
  const bits = Buffer.from(rest, "base64url");
  for (let byte = 0; byte < bits.length; byte++) {
    const changed = Buffer.from(bits);
    changed[byte]! ^= 1;
    const forged = [version, id, nonce, changed.toString("base64url")].join(".");
    await expect(vault.open(forged, "provider google")).rejects.toThrow("does not open");
  }
  await expect(vault.open(sealed.slice(0, -4), "provider google")).rejects.toThrow("does not open");
  const other = vaultWith({ ENCRYPTION_KEY_2: second });
  await expect(other.open(sealed, "provider google")).rejects.toThrow("the key k1");
  await expect(vault.open("plain text", "provider google")).rejects.toThrow("not one that this version has sealed");
});

it("the key with the highest number seals, while the older ones still open what they sealed", async () => {
  const sealed = await vaultWith({ ENCRYPTION_KEY_9: first }).seal("secret", "x");
  const rotated = vaultWith({ ENCRYPTION_KEY_9: first, ENCRYPTION_KEY_10: second, SESSION_SECRET: "of no interest" });
  expect(await rotated.open(sealed, "x")).toBe("secret");
  expect(keyIdOf(await rotated.seal("secret", "x"))).toBe("k10");
  expect(rotated.olderKeyIds).toEqual(["k9"]);
});

it("keys that cannot be are refused by name, without repeating what they hold", () => {
  for (const text of ["", first.slice(1), `${first}=`, `k1:${first}`, 7, undefined]) {
    const read = () => keyringOf({ ENCRYPTION_KEY_2: second, ENCRYPTION_KEY_1: text });
    expect(read).toThrow(/^ENCRYPTION_KEY_1 must hold 32 bytes/);
    expect(read).not.toThrow(first.slice(1));
  }
  for (const none of [{}, { ENCRYPTION_KEY: first }, { ENCRYPTION_KEY_0: first }, { ENCRYPTION_KEY_01: first }]) {
    expect(() => keyringOf(none)).toThrow("There is no ENCRYPTION_KEY_1");
  }
});

it("the Worker's own vault is made once", () => {
  expect(vaultOf(env)).toBe(vaultOf(env));
  expect(vaultOf(env).currentKeyId).toBe("k1");
});

describe("sealing anew", () => {
  const column = { table: "kept", id: "name", column: "secret", purposeOf: (id: string) => `kept ${id}` };
  const db = database(env.DB);
  const textOf = async (name: string) =>
    (await env.DB.prepare("SELECT secret FROM kept WHERE name = ?").bind(name).first<string>("secret"))!;

  it("moves every text to the present key, so many at a time, and tells of one that does not open", async () => {
    await env.DB.exec("CREATE TABLE kept (name TEXT PRIMARY KEY, secret TEXT NOT NULL)");
    const old = vaultWith({ ENCRYPTION_KEY_1: first });
    const keep = (name: string, sealed: string) =>
      env.DB.prepare("INSERT INTO kept VALUES (?, ?)").bind(name, sealed).run();
    for (const name of ["a", "b", "c"]) await keep(name, await old.seal(`secret of ${name}`, `kept ${name}`));
    const lost = await vaultWith({ ENCRYPTION_KEY_7: newSecret() }).seal("lost", "kept lost");
    await keep("lost", lost);
    const vault = vaultWith({ ENCRYPTION_KEY_1: first, ENCRYPTION_KEY_2: second });
    expect(await countByKey(db, [column])).toEqual({ k1: 3, k7: 1 });

    expect(await reseal(db, vault, [column], 2)).toBe(2);
    expect(await countByKey(db, [column])).toEqual({ k1: 1, k2: 2, k7: 1 });
    expect(await reseal(db, vault, [column], 2)).toBe(1);
    expect(await reseal(db, vault, [column], 2)).toBe(0);
    for (const name of ["a", "b", "c"])
      expect(await vault.open(await textOf(name), `kept ${name}`)).toBe(`secret of ${name}`);

    await keep("broken", await old.seal("secret", "of another place"));
    await keep("whole", await old.seal("secret", "kept whole"));
    await expect(reseal(db, vault, [column], 10)).rejects.toThrow("kept broken");
    expect(keyIdOf(await textOf("whole"))).toBe("k2");
    expect(await textOf("lost")).toBe(lost);
  });
});
