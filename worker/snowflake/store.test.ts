import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { snowflakeNamesSchema } from "../../contract/snowflake.ts";
import { database } from "../db/client.ts";
import { vaultOf } from "../vault/vault.ts";
import { StandingClock } from "../testing/snowflake.ts";
import { accessOf, openSnowflake } from "./open.ts";
import { snowflakeAuthPurpose } from "./sealed-columns.ts";
import { addSpend, monthEnd, monthOf, reserveSpend, spentIn } from "./spend-store.ts";
import {
  deleteConnection,
  noteProblem,
  readConnection,
  readSettings,
  saveConnection,
  saveSettings,
  SETTINGS_AT_FIRST,
} from "./store.ts";

const db = database(env.DB);
const NOW = Date.UTC(2026, 10, 26);
const names = snowflakeNamesSchema.parse({});

async function connect(token = "secret-token") {
  const auth = await vaultOf(env).seal(JSON.stringify({ kind: "pat", token }), snowflakeAuthPurpose());
  const row = { account: "ORG-ACC", names, authKind: "pat" as const, auth, fingerprint: null, endpoint: null };
  await saveConnection(db, { ...row, connectedAt: NOW, problem: null });
}

describe("the connection", () => {
  it("is one, with its secret sealed, and opens again", async () => {
    expect(await openSnowflake(env, db, new StandingClock(NOW))).toBeNull();
    await connect("first");
    await connect("second");
    const row = (await readConnection(db))!;
    expect(row.auth).not.toContain("second");
    expect(await accessOf(row, vaultOf(env))).toMatchObject({
      account: "ORG-ACC",
      auth: { kind: "pat", token: "second" },
    });
  });

  it("is opened anew only where it has changed", async () => {
    const clock = new StandingClock(NOW);
    await connect("a");
    const first = await openSnowflake(env, db, clock);
    expect(await openSnowflake(env, db, clock)).toBe(first);
    await connect("b");
    expect(await openSnowflake(env, db, clock)).not.toBe(first);
  });

  it("says what to do where its secret does not open", async () => {
    await connect();
    const row = (await readConnection(db))!;
    const broken = accessOf({ ...row, auth: "v1.k9.AAAA.AAAA" }, vaultOf(env));
    await expect(broken).rejects.toMatchObject({ code: "key_refused", remedy: expect.stringContaining("Enter") });
  });

  it("keeps since when it has a problem, and forgets it when it is well", async () => {
    await connect();
    const found = { code: "rate_limited", message: "m", remedy: "r" } as const;
    const problemAt = async () => (await readConnection(db))!.problem;
    await noteProblem(db, (await readConnection(db))!, found, NOW);
    await noteProblem(db, (await readConnection(db))!, { ...found, message: "n" }, NOW + 1_000);
    expect(await problemAt()).toEqual({ ...found, message: "n", since: NOW });
    await noteProblem(db, (await readConnection(db))!, { ...found, code: "unavailable" }, NOW + 2_000);
    expect(await problemAt()).toMatchObject({ since: NOW + 2_000 });
    await noteProblem(db, (await readConnection(db))!, null, NOW + 3_000);
    expect(await problemAt()).toBeNull();
  });

  it("goes, and leaves settings and spending", async () => {
    await connect();
    await saveSettings(db, { monthlyBudgetUsd: 9 }, NOW);
    expect(await deleteConnection(db)).toBe(true);
    expect(await deleteConnection(db)).toBe(false);
    expect(await readSettings(db)).toMatchObject({ monthlyBudgetUsd: 9 });
  });
});

it("settings are as at first until somebody changes some of them", async () => {
  expect({ ...(await readSettings(db)), monthlyBudgetUsd: 5 }).toEqual(SETTINGS_AT_FIRST);
  await saveSettings(db, { exportWay: "merge", model: undefined }, NOW);
  expect(await readSettings(db)).toMatchObject({ exportWay: "merge", model: "claude-haiku-4-5" });
});

describe("spending", () => {
  it("adds up by month, whatever the model", async () => {
    const one = { requests: 1, inputTokens: 100, outputTokens: 10, usd: 0.25 };
    await Promise.all([1, 2, 3, 4].map(() => addSpend(db, "2026-10", "a", one)));
    await addSpend(db, "2026-10", "b", one);
    await addSpend(db, "2026-09", "a", one);
    expect(await spentIn(db, "2026-10")).toEqual({ requests: 5, inputTokens: 500, outputTokens: 50, usd: 1.25 });
    expect(await spentIn(db, "2026-08")).toEqual({ requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 });
  });

  it("is not set aside beyond the budget, however many ask at once", async () => {
    const set = await Promise.all(
      Array.from({ length: 10 }, (_, n) => reserveSpend(db, "2026-07", `m${n % 2}`, 0.3, 1)),
    );
    expect(set.filter(Boolean)).toHaveLength(3);
    expect((await spentIn(db, "2026-07")).usd).toBeCloseTo(0.9);
  });

  it("is counted by months in UTC", () => {
    expect(monthOf(Date.UTC(2026, 11, 31, 23, 59))).toBe("2026-12");
    expect(monthEnd(Date.UTC(2026, 11, 31, 23, 59))).toBe(Date.UTC(2027, 0, 1));
  });
});
