import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { snowflakeAuthPurpose } from "../../snowflake/sealed-columns.ts";
import { addSpend, monthOf } from "../../snowflake/spend-store.ts";
import {
  deleteConnection,
  readConnection,
  saveConnection,
  saveSettings,
  SETTINGS_AT_FIRST,
} from "../../snowflake/store.ts";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../../testing/snowflake.ts";
import { vaultOf } from "../../vault/vault.ts";
import { brief, db, evidence, NOW } from "../../testing/snowflake-desk.ts";
import { engineFor, wordingOf } from "./engine-of.ts";

const DISK = evidence("e1", "Disk /var of web-1 is 92 % full.", { name: "web-1", value: 0.92 });
const TODAY = brief("Today", [DISK]);

let snowflake: StartedSnowflake;
const clock = new StandingClock(NOW);
beforeAll(async () => {
  snowflake = await startSnowflake();
  await snowflake.order({
    now: NOW,
    script: [{ when: "", says: { claims: [{ text: "web-1's disk is 92 % full.", evidence: ["e1"] }], actions: [] } }],
  });
});

beforeEach(async () => {
  await db.$client.exec("DELETE FROM model_spend");
  await db.$client.exec("DELETE FROM worded_answer");
  await saveSettings(db, SETTINGS_AT_FIRST, NOW);
  await connect();
});

async function connect(auth: object = snowflake.access.auth) {
  const { account, names, endpoint } = snowflake.access;
  const sealed = await vaultOf(env).seal(JSON.stringify(auth), snowflakeAuthPurpose());
  const row = { account, names, endpoint, authKind: "key_pair" as const, auth: sealed, fingerprint: null };
  await saveConnection(db, { ...row, connectedAt: NOW, problem: null });
}

const summary = async () => (await engineFor(env, db, NOW, clock)).summary(TODAY, NOW);
const wording = () => wordingOf(env, db, NOW);

describe("who finds the words", () => {
  it("is Snowflake where it is connected", async () => {
    expect(await summary()).toMatchObject({ engine: "snowflake", model: "claude-haiku-4-5", note: null });
    expect(await wording()).toEqual({ engine: "snowflake", model: "claude-haiku-4-5", note: null });
  });

  it("is arithmetic where it is not, or is not wanted", async () => {
    await saveSettings(db, { isEngineOn: false }, NOW);
    expect(await summary()).toMatchObject({ engine: "local", note: null });
    expect(await wording()).toMatchObject({ engine: "local", note: expect.stringContaining("turned off") });
    await deleteConnection(db);
    expect(await summary()).toMatchObject({ engine: "local", note: null });
    expect(await wording()).toEqual({ engine: "local", model: null, note: null });
  });

  it("is arithmetic where the budget is spent, which both say", async () => {
    await addSpend(db, monthOf(NOW), "claude-haiku-4-5", { requests: 9, inputTokens: 1, outputTokens: 1, usd: 5 });
    expect(await summary()).toMatchObject({
      engine: "local",
      claims: TODAY.claims,
      note: expect.stringContaining("$5.00 of $5.00"),
    });
    expect(await wording()).toMatchObject({ engine: "local", note: expect.stringContaining("1 Dec") });
    expect((await readConnection(db))!.problem).toBeNull();
  });

  it("is arithmetic while the account refuses, and what is wrong is kept until it answers again", async () => {
    await snowflake.fault({ kind: "key_refused" });
    expect(await summary()).toMatchObject({
      engine: "local",
      claims: TODAY.claims,
      note: expect.stringContaining("NEPHOS_USER"),
    });
    expect((await readConnection(db))!.problem).toMatchObject({ code: "key_refused", since: NOW });
    expect(await wording()).toMatchObject({ engine: "local", note: expect.stringContaining("RSA_PUBLIC_KEY_FP") });
    await snowflake.fault(null);
    expect(await summary()).toMatchObject({ engine: "snowflake" });
    expect((await readConnection(db))!.problem).toBeNull();
    expect(await wording()).toMatchObject({ engine: "snowflake", note: null });
  });

  it("is arithmetic where the key that was kept is none, without a request", async () => {
    await connect({ kind: "key_pair", privateKey: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" });
    const { asked: before } = await snowflake.told();
    expect(await summary()).toMatchObject({ engine: "local", note: expect.stringContaining("no private key") });
    expect((await snowflake.told()).asked).toEqual(before);
  });
});
