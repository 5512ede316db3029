import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Asking } from "./outside/snowflake/asking.ts";
import { signedToken } from "./outside/snowflake/signed.ts";
import { Snowflake } from "./outside/snowflake/snowflake.ts";
import type { SnowflakeTold } from "./outside/snowflake/told.ts";

const NOW = Date.UTC(2026, 10, 26, 12, 30);
const HOUR_MS = 3_600_000;

let snowflake: Snowflake;
let asking: Asking;
let told: SnowflakeTold;

beforeAll(async () => {
  snowflake = await Snowflake.start();
  asking = await Asking.of(snowflake);
  told = await snowflake.told();
});
afterAll(() => snowflake.stop());
beforeEach(() => snowflake.obey({ now: NOW, fault: null }));

const read = (sql: string) => snowflake.query(sql);

function point(instance: string, metric: string, at: number, value: number): object {
  const TIMESTAMP = new Date(at).toISOString();
  const named = { INSTANCE_ID: instance, METRIC_NAME: metric, TIMESTAMP, EXPORTED_AT: TIMESTAMP };
  return { ...named, METRIC_VALUE: value, SAMPLE_COUNT: 10 };
}

describe("the Snowflake at the wall", () => {
  it("takes only tokens that the registered key signed, in upper case, in time and for an hour at most", async () => {
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({
      type: "pkcs8",
      format: "pem",
    });
    const refused = [
      signedToken({ ...told, privateKey: stranger as string }, NOW),
      signedToken(told, NOW, ({ iss }) => ({ iss: iss.toLowerCase() })),
      signedToken(told, NOW, ({ sub }) => ({ sub: sub.toLowerCase() })),
      signedToken({ ...told, account: "OTHER-ACCOUNT" }, NOW),
      signedToken(told, NOW, ({ iat }) => ({ exp: iat + 3_601 })),
      signedToken(told, NOW - HOUR_MS - 1_000),
      signedToken(told, NOW + HOUR_MS),
      `${signedToken(told, NOW)}x`,
    ];
    for (const token of refused) {
      expect(await asking.run("SELECT 1", {}, "", token)).toMatchObject({ status: 401, code: "390144" });
    }
    for (const token of [signedToken(told, NOW), told.pat, told.oauth]) {
      expect(await asking.run("SELECT 1", {}, "", token)).toMatchObject({ status: 200, data: [["1"]] });
    }
  });

  it("writes cells as documented", async () => {
    const bindings = {
      "1": { type: "TIMESTAMP_NTZ", value: "1795680000123000000" },
      "2": { type: "DATE", value: "1795680000000" },
      "3": { type: "FIXED", value: "-12.50" },
      "4": { type: "REAL", value: "0.1" },
      "5": { type: "BOOLEAN", value: "true" },
      "6": { type: "TEXT", value: null },
    };
    const { data, resultSetMetaData } = await asking.run("SELECT ?, ?, ?, ?, ?, ?, PARSE_JSON('[1]') AS V", {
      bindings,
    });
    expect(data).toEqual([["1795680000.123000000", "20783", "-12.50", "0.1", "true", null, "[1]"]]);
    expect(resultSetMetaData.rowType.map(({ type }) => type)).toEqual([
      "timestamp_ntz",
      "date",
      "fixed",
      "real",
      "boolean",
      "text",
      "variant",
    ]);
    const wrong = await asking.run("SELECT ?", { bindings: { "1": { type: "FIXED", value: "x" } } });
    expect(wrong).toMatchObject({ status: 422, code: "100037", sqlState: "22018" });
  });

  it("carries a request out once, however often it is repeated with retry=true", async () => {
    const request = randomUUID();
    const insert = "INSERT INTO LANDING.METRICS SELECT 'retried', 'load_1m', SYSDATE(), 1, 1, 1, 1, 'count', SYSDATE()";
    await snowflake.obey({ fault: { kind: "lost", times: 1 } });
    await expect(asking.run(insert, {}, `?requestId=${request}`)).rejects.toThrow();
    expect(await asking.run(insert, {}, `?requestId=${request}&retry=true`)).toMatchObject({
      status: 200,
      data: [["1"]],
    });
    expect(await read("SELECT COUNT(*) AS N FROM LANDING.METRICS WHERE INSTANCE_ID = 'retried'")).toEqual([{ N: "1" }]);
  });

  it("keeps landing rows whose answer was lost: who sends them again has them twice", async () => {
    const row = point("lost", "load_1m", NOW, 1);
    await snowflake.obey({ fault: { kind: "lost", times: 1, on: "POST rows" } });
    await expect(asking.land("metrics", [row])).rejects.toThrow();
    expect((await asking.land("metrics", [row])).status).toBe(200);
    expect(await read("SELECT COUNT(*) AS N FROM LANDING.METRICS WHERE INSTANCE_ID = 'lost'")).toEqual([{ N: "2" }]);
    expect(await read("SELECT COUNT(*) AS N FROM METRICS WHERE INSTANCE_ID = 'lost'")).toEqual([{ N: "1" }]);
  });

  it("refuses a MERGE in which two rows of the source match the same one", async () => {
    await asking.land("metrics", [point("twice", "load_1m", NOW, 1)]);
    const merge = `MERGE INTO LANDING.METRICS T USING (SELECT VALUE::VARCHAR AS ID FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))) S
      ON T.INSTANCE_ID = S.ID WHEN MATCHED THEN UPDATE SET T.UNIT = 'count'`;
    const run = (ids: string[]) =>
      asking.run(merge, { bindings: { "1": { type: "TEXT", value: JSON.stringify(ids) } } });
    expect(await run(["twice", "twice"])).toMatchObject({ status: 422, code: "100090", sqlState: "42P18" });
    expect(await run(["twice"])).toMatchObject({ status: 200, data: [["0", "1"]] });
  });

  it("answers 202 while a statement runs, and does not carry out what was cancelled", async () => {
    const update = "UPDATE LANDING.METRICS SET UNIT = 'changed'";
    await snowflake.obey({ fault: { kind: "slow", polls: 2, times: 1 } });
    const { status, code, statementHandle, statementStatusUrl } = await asking.run(update);
    expect([status, code]).toEqual([202, "333334"]);
    expect((await asking.ask(statementStatusUrl)).status).toBe(202);
    expect(await asking.ask(`/api/v2/statements/${statementHandle}/cancel`, "POST")).toMatchObject({
      status: 200,
      code: "000604",
    });
    expect(await asking.ask(statementStatusUrl)).toMatchObject({ status: 422, code: "000604", sqlState: "57014" });
    expect(await read("SELECT COUNT(*) AS N FROM METRICS WHERE UNIT = 'changed'")).toEqual([{ N: "0" }]);
  });

  it("gives long answers in partitions", async () => {
    await snowflake.obey({ partitionRows: 2 });
    const first = await asking.run("SELECT VALUE::NUMBER AS N FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[1,2,3,4,5]')))");
    const rest = [1, 2].map((number) => asking.ask(`/api/v2/statements/${first.statementHandle}?partition=${number}`));
    const cells = [first, ...(await Promise.all(rest))].flatMap(({ data }) => data.flat());
    expect(cells).toEqual(["1", "2", "3", "4", "5"]);
    expect(first.resultSetMetaData.partitionInfo).toHaveLength(3);
    await snowflake.obey({ partitionRows: 10_000 });
  });

  it("says in Snowflake's codes what is wrong with a statement, and never guesses", async () => {
    expect(await asking.run("SELEC 1")).toMatchObject({ status: 422, code: "001003", sqlState: "42000" });
    expect(await asking.run("SELECT * FROM NOWHERE")).toMatchObject({ code: "002003", sqlState: "42S02" });
    expect(await asking.run("SELECT NOTHING FROM METRICS")).toMatchObject({ code: "000904", sqlState: "42000" });
    expect(await asking.run("SELECT MADE_UP(1)")).toMatchObject({ code: "002140" });
    expect(await asking.run("SHOW TABLES")).toMatchObject({ code: "000000" });
    expect(await asking.run("USE ROLE PUBLIC")).toMatchObject({ code: "391911" });
    expect(await asking.run("SELECT ?")).toMatchObject({ code: "002049" });
    expect(await asking.run("SELECT 1", { warehouse: "nephos_wh" })).toMatchObject({ code: "390201" });
  });

  it("wakes its warehouse for what reads, and lets it sleep after a minute", async () => {
    const before = (await snowflake.told()).warehouses["NEPHOS_WH"]!.resumes;
    for (const seconds of [600, 630, 800]) {
      await snowflake.obey({ now: NOW + seconds * 1_000 });
      await asking.run("SELECT COUNT(*) FROM METRICS", {}, "", signedToken(told, snowflake.now));
    }
    const { resumes, billedSeconds, isRunning } = (await snowflake.told()).warehouses["NEPHOS_WH"]!;
    expect([resumes - before, isRunning]).toEqual([2, true]);
    expect(billedSeconds).toBeGreaterThanOrEqual(resumes * 60);
    await snowflake.obey({ now: NOW + 3_600_000 });
    await asking.run("EXPLAIN USING TEXT SELECT COUNT(*) FROM METRICS");
    await asking.run("SELECT CURRENT_ROLE()");
    expect((await snowflake.told()).warehouses["NEPHOS_WH"]).toMatchObject({ resumes, isRunning: false });
  });

  it("forecasts each series of what it was trained with, and marks what lies outside", async () => {
    const hours = Array.from({ length: 72 }, (_, hour) => NOW - (73 - hour) * HOUR_MS);
    const wave = (at: number) => 0.5 + 0.2 * Math.sin((at / HOUR_MS / 24) * 2 * Math.PI) + ((at / HOUR_MS) % 5) / 100;
    await asking.land("metrics", [
      ...hours.map((at) => point("trained", "cpu_busy_ratio", at, wave(at))),
      point("trained", "cpu_busy_ratio", NOW - HOUR_MS, 5),
    ]);
    const input = (condition: string) =>
      `INPUT_DATA => TABLE(SELECT METRIC_NAME AS SERIES, HOUR AS TS, AVG_VALUE AS Y FROM METRICS_HOURLY WHERE INSTANCE_ID = 'trained' AND HOUR ${condition} DATEADD(HOUR, -1, DATE_TRUNC('HOUR', SYSDATE()))), SERIES_COLNAME => 'SERIES', TIMESTAMP_COLNAME => 'TS', TARGET_COLNAME => 'Y'`;
    expect((await asking.run(`CREATE OR REPLACE SNOWFLAKE.ML.FORECAST F1(${input("<")})`)).code).toBe("090001");
    const { data, resultSetMetaData } = await asking.run("SELECT * FROM TABLE(F1!FORECAST(FORECASTING_PERIODS => 3))");
    expect(resultSetMetaData.rowType.map(({ name }) => name)).toEqual([
      "SERIES",
      "TS",
      "FORECAST",
      "LOWER_BOUND",
      "UPPER_BOUND",
    ]);
    expect(data).toHaveLength(3);
    for (const [series, , forecast, lower, upper] of data) {
      expect(series).toBe('"cpu_busy_ratio"');
      expect(Number(lower)).toBeLessThan(Number(forecast));
      expect(Number(upper)).toBeGreaterThan(Number(forecast));
    }
    await asking.run(`CREATE OR REPLACE SNOWFLAKE.ML.ANOMALY_DETECTION A1(${input("<")}, LABEL_COLNAME => '')`);
    const found = await asking.run(`SELECT IS_ANOMALY FROM TABLE(A1!DETECT_ANOMALIES(${input(">=")}))`);
    expect(found.data).toEqual([["true"]]);
  });

  it("refuses models that are not in the region, and Cortex to a role that may not", async () => {
    const complete = (model: string) =>
      asking.run("SELECT AI_COMPLETE(?, 'hello')", { bindings: { "1": { type: "TEXT", value: model } } });
    expect(await complete("claude-haiku-4-5")).toMatchObject({ status: 200, data: [["All is well."]] });
    expect(await complete("mistral-large")).toMatchObject({ status: 422, code: "100351" });
    await snowflake.obey({ forget: { privilege: "CORTEX_USER" } });
    const asked = { model: "claude-haiku-4-5", messages: [{ role: "user", content: "hello" }] };
    expect((await asking.ask("/api/v2/cortex/inference:complete", "POST", asked)).status).toBe(403);
    expect(await complete("claude-haiku-4-5")).toMatchObject({ status: 422, code: "003001" });
    await snowflake.paste("GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE NEPHOS_ROLE");
  });

  it("refuses landing rows that are too many, for no table, or of a stranger, and leaves out without a word what lacks a column", async () => {
    const many = Array.from({ length: 500 }, () => ({ INSTANCE_ID: randomBytes(12_000).toString("base64") }));
    expect((await asking.land("metrics", many)).status).toBe(413);
    expect((await asking.land("nowhere", [{}])).status).toBe(404);
    expect((await asking.land("metrics", [{}], { authorization: "Bearer x" })).status).toBe(401);
    expect((await asking.land("metrics", [{ INSTANCE_ID: "short" }])).status).toBe(200);
    expect((await snowflake.told()).rowsDropped.at(-1)).toMatchObject({ why: "METRIC_NAME is missing" });
  });
});
