import { beforeAll, describe, expect, it } from "vitest";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../testing/snowflake.ts";
import { fixedBinding, jsonBinding, momentBinding, realBinding, textBinding } from "./binding.ts";
import { SnowflakeClient } from "./client.ts";

const MINUTE = 60_000;

let snowflake: StartedSnowflake;
beforeAll(async () => {
  snowflake = await startSnowflake();
});

/** A client of a standing clock with a minute's time. */
function fresh() {
  const clock = new StandingClock();
  const client = new SnowflakeClient(snowflake.access, clock);
  return { clock, client, asked: { deadline: clock.at + MINUTE } };
}

describe("a statement", () => {
  it("is let in by a signed token, runs in the names of the connection, and tells who it is", async () => {
    const { client, asked } = fresh();
    const { rows } = await client.run("SELECT CURRENT_USER(), CURRENT_ROLE()", [], asked);
    expect(rows).toEqual([["NEPHOS_USER", "NEPHOS_ROLE"]]);
    const { complaints, statements } = await snowflake.told();
    expect(complaints).toEqual([]);
    expect(statements.at(-1)).toMatchObject({ role: "NEPHOS_ROLE", warehouse: "NEPHOS_WH", queryTag: "nephos" });
  });

  it.each(["pat", "oauth"] as const)("is let in by a token of the kind %s", async (kind) => {
    const { known } = snowflake;
    // Whoever gives OAuth tokens is another server; the account's page stands for it.
    await snowflake.fault(
      kind === "oauth"
        ? { kind: "says", status: 200, on: "/give", body: { access_token: known.oauth, expires_in: 3_600 } }
        : null,
    );
    const auth =
      kind === "pat"
        ? { kind, token: known.pat }
        : { kind, tokenUrl: `${snowflake.url}/give`, clientId: "id", clientSecret: "secret", scope: "" };
    const clock = new StandingClock();
    const client = snowflake.clientWith({ auth }, clock);
    for (let times = 0; times < 2; times++) {
      expect((await client.run("SELECT 1", [], { deadline: clock.at + MINUTE })).rows).toEqual([[1]]);
    }
    if (kind === "oauth") expect((await snowflake.told()).asked["POST /give"]).toBe(1);
    await snowflake.fault(null);
  });

  it("has its values bound, whatever is in them, and cells of the types they were", async () => {
    const { client, asked } = fresh();
    const hostile = "'; DROP TABLE LANDING.METRICS; --";
    const at = Date.UTC(2026, 10, 26, 14, 0, 0, 123);
    const { rows, columns } = await client.run(
      "SELECT ? AS A, ?::NUMBER(10,0) AS B, ?::FLOAT AS C, ?::TIMESTAMP_NTZ AS D, PARSE_JSON(?) AS E, ? AS F, TRUE AS G",
      [
        textBinding(hostile),
        fixedBinding(42),
        realBinding(1.5),
        momentBinding(at),
        jsonBinding({ a: [1, "two"] }),
        textBinding(null),
      ],
      asked,
    );
    expect(rows).toEqual([[hostile, 42, 1.5, at, { a: [1, "two"] }, null, true]]);
    expect(columns.map(({ name }) => name)).toEqual(["A", "B", "C", "D", "E", "F", "G"]);
    const { statements } = await snowflake.told();
    expect(statements.at(-1)!.sql).not.toContain("DROP");
  });

  it("that takes longer than Snowflake waits is looked at again, less and less often, until it is done", async () => {
    await snowflake.fault({ kind: "slow", polls: 4, times: 1, on: "POST statements" });
    const { client, asked, clock } = fresh();
    expect((await client.run("SELECT 7", [], asked)).rows).toEqual([[7]]);
    expect(clock.waits).toEqual([250, 500, 1_000, 2_000]);
  });

  it("that is not done by its deadline is cancelled there", async () => {
    await snowflake.fault({ kind: "slow", polls: 1_000, times: 1, on: "POST statements" });
    const { asked: before } = await snowflake.told();
    const { client, clock } = fresh();
    const run = client.run("SELECT 8", [], { deadline: clock.at + 10_000 });
    await expect(run).rejects.toMatchObject({ code: "timed_out", isPassing: true });
    const { asked, statements } = await snowflake.told();
    expect(asked["POST cancel"]).toBe((before["POST cancel"] ?? 0) + 1);
    expect(statements.filter(({ sql }) => sql === "SELECT 8")).toEqual([]);
  });

  it("that has more rows than one answer holds is put together from all of them", async () => {
    await snowflake.order({ partitionRows: 100 });
    const { client, asked } = fresh();
    const { rows } = await client.run(
      "SELECT VALUE::NUMBER(10,0) AS N FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) ORDER BY N",
      [jsonBinding(Array.from({ length: 450 }, (_, place) => place))],
      asked,
    );
    expect(rows.map(([n]) => n)).toEqual(Array.from({ length: 450 }, (_, place) => place));
    await snowflake.order({ partitionRows: 10_000 });
  });
});

describe("an answer whose parts are very large", () => {
  it("is put together all the same", async () => {
    const data = Array.from({ length: 200_000 }, () => ["7"]);
    const partitionInfo = [data, data].map(({ length }) => ({ rowCount: length }));
    const rowType = [{ name: "N", type: "fixed", scale: 0 }];
    const body = { statementHandle: "large", resultSetMetaData: { rowType, partitionInfo }, data };
    await snowflake.fault({ kind: "says", status: 200, body, on: "statements" });
    const { client, asked } = fresh();
    const { rows } = await client.run("SELECT 7", [], asked);
    await snowflake.fault(null);
    expect(rows).toHaveLength(400_000);
    expect(rows.at(-1)).toEqual([7]);
  });
});

describe("what goes wrong on the way", () => {
  it.each(["lost", "cut"] as const)("is tried again with the same id, so that it is done once: %s", async (kind) => {
    await snowflake.fault({ kind, times: 2, on: "POST statements" });
    const { client, asked } = fresh();
    const statement = `INSERT INTO LANDING.ALERTS (ID, ALERT_TYPE, SEVERITY, STATUS, CREATED_AT, UPDATED_AT, EXPORTED_AT)
      SELECT ?, 'x', 'low', 'active', SYSDATE(), SYSDATE(), SYSDATE()`;
    const { changed } = await client.run(statement, [textBinding(kind)], asked);
    expect(changed).toBe(1);
    const { rows, requests, complaints } = await snowflake.order({
      query: `SELECT COUNT(*) AS N FROM LANDING.ALERTS WHERE ID = '${kind}'`,
    });
    expect(Number(rows[0]!["N"])).toBe(1);
    const sent = requests.filter(({ name }) => name === "POST statements").slice(-3);
    expect(new Set(sent.map(({ requestId }) => requestId)).size).toBe(1);
    expect(sent.map(({ isRetry }) => isRetry)).toEqual([false, true, true]);
    expect(complaints).toEqual([]);
  });

  it("does not do a statement twice that comes again under its id in another call", async () => {
    const requestId = crypto.randomUUID();
    const statement = `INSERT INTO LANDING.ALERTS (ID, ALERT_TYPE, SEVERITY, STATUS, CREATED_AT, UPDATED_AT, EXPORTED_AT)
      SELECT 'again', 'x', 'low', 'active', SYSDATE(), SYSDATE(), SYSDATE()`;
    for (let call = 0; call < 2; call++) {
      const { client, asked } = fresh();
      expect((await client.run(statement, [], { ...asked, requestId })).changed).toBe(1);
    }
    const { rows, complaints } = await snowflake.order({
      query: "SELECT COUNT(*) AS N FROM LANDING.ALERTS WHERE ID = 'again'",
    });
    expect(Number(rows[0]!["N"])).toBe(1);
    expect(complaints).toEqual([]);
  });

  it("that passes is waited for, longer each time, or as long as Snowflake says", async () => {
    await snowflake.fault({ kind: "failing", times: 3 });
    const first = fresh();
    await first.client.run("SELECT 1", [], first.asked);
    expect(first.clock.waits).toEqual([500, 1_000, 2_000]);
    await snowflake.fault({ kind: "too_often", times: 1, retryAfter: "7" });
    const second = fresh();
    await second.client.run("SELECT 1", [], second.asked);
    expect(second.clock.waits).toEqual([7_000]);
  });

  it("that does not pass within the deadline is given up", async () => {
    await snowflake.fault({ kind: "too_often" });
    const { client, asked, clock } = fresh();
    const run = client.run("SELECT 1", [], { deadline: clock.at + 5_000 });
    await expect(run).rejects.toMatchObject({ code: "rate_limited", isPassing: true });
    expect(clock.now()).toBeLessThan(asked.deadline);
    await snowflake.fault(null);
  });

  it("with a token that was good a moment ago is mended by another, once", async () => {
    await snowflake.fault({ kind: "expired", times: 1 });
    const { client, asked } = fresh();
    expect((await client.run("SELECT 1", [], asked)).rows).toEqual([[1]]);
    await snowflake.fault({ kind: "expired" });
    await expect(client.run("SELECT 1", [], asked)).rejects.toMatchObject({ code: "key_refused" });
    await snowflake.fault(null);
  });

  it("keeps its token for fifty minutes, and signs another before it is over", async () => {
    const { client, clock } = fresh();
    const before = await client.signIn.token();
    clock.at += 49 * MINUTE;
    expect(await client.signIn.token()).toBe(before);
    clock.at += 2 * MINUTE;
    expect(await client.signIn.token()).not.toBe(before);
  });
});

describe("what Snowflake refuses", () => {
  const refusedWith = async (client: SnowflakeClient, statement = "SELECT 1") => {
    const run = client.run(statement, [], { deadline: client.clock.now() + MINUTE });
    return await run.then(
      () => null,
      (error: { code: string; message: string; remedy: string }) => error,
    );
  };

  it.each([
    ["account_suspended", "account_suspended", "suspended"],
    ["credits_spent", "warehouse_missing", "resource monitor"],
    ["key_refused", "key_refused", "NEPHOS_USER"],
    ["address_refused", "network_refused", "network policy"],
    ["statement_times_out", "timed_out", "not done in time"],
    ["html", "account_unknown", "no address of a Snowflake account"],
  ] as const)("is said in a sentence, with what to do: %s", async (kind, code, words) => {
    await snowflake.fault({ kind });
    const problem = await refusedWith(fresh().client);
    expect(problem).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(problem!.remedy.length).toBeGreaterThan(20);
    await snowflake.fault(null);
  });

  it("names a user that is not there, a role, a warehouse and a table that are not", async () => {
    const { names } = snowflake.access;
    const as = (given: Partial<typeof names>) => snowflake.clientWith({ names: { ...names, ...given } });
    const reading = "SELECT COUNT(*) FROM PUBLIC.METRICS";
    expect(await refusedWith(as({ user: "NOBODY" }))).toMatchObject({
      code: "key_refused",
      message: expect.stringContaining("NOBODY"),
    });
    expect(await refusedWith(as({ role: "ACCOUNTADMIN" }))).toMatchObject({
      code: "role_missing",
      message: expect.stringContaining("ACCOUNTADMIN"),
    });
    expect(await refusedWith(as({ warehouse: "BIG_WH" }), reading)).toMatchObject({
      code: "warehouse_missing",
      message: expect.stringContaining("BIG_WH"),
    });
    expect(await refusedWith(as({}), "SELECT * FROM PUBLIC.NOT_THERE")).toMatchObject({
      code: "rights_missing",
      message: expect.stringContaining("NOT_THERE"),
    });
    expect(await refusedWith(as({}), "DROP TABLE LANDING.METRICS")).toMatchObject({ code: "rights_missing" });
  });

  it("is a key, where the account is another one than was signed for", async () => {
    const problem = await refusedWith(snowflake.clientWith({ account: "OTHER-ORG" }));
    expect(problem).toMatchObject({ code: "key_refused", remedy: expect.stringContaining("account identifier") });
  });

  it("is a token that has been revoked", async () => {
    const auth = { kind: "pat" as const, token: "gone" };
    expect(await refusedWith(snowflake.clientWith({ auth }))).toMatchObject({ code: "token_refused" });
  });

  it("is told from an address that does not answer", async () => {
    const problem = await refusedWith(snowflake.clientWith({ endpoint: "http://127.0.0.1:9" }));
    expect(problem).toMatchObject({ code: "unavailable", message: expect.stringContaining("did not answer") });
  });
});
