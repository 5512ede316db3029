import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Asking } from "./outside/snowflake/asking.ts";
import { setupSql, Snowflake } from "./outside/snowflake/snowflake.ts";
import { statementsOf } from "./outside/snowflake/sql-text.ts";
import { parsed } from "./outside/snowflake/translate.ts";

const NOW = Date.UTC(2026, 10, 26, 12, 30);
const HOUR_MS = 3_600_000;
const folder = join(import.meta.dirname, "../snowflake");
const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
const PLACEHOLDERS = ["CREDIT_QUOTA", "DATABASE", "PUBLIC_KEY", "ROLE", "USER", "WAREHOUSE"];

let snowflake: Snowflake;
let asking: Asking;

beforeAll(async () => {
  snowflake = await Snowflake.start();
  asking = await Asking.of(snowflake);
});
afterAll(() => snowflake.stop());
beforeEach(() => snowflake.obey({ now: NOW, fault: null }));

const time = (at: number) => new Date(at).toISOString();

function point(instance: string, metric: string, at: number, value: number, more: object = {}): object {
  return {
    INSTANCE_ID: instance,
    METRIC_NAME: metric,
    TIMESTAMP: time(at),
    METRIC_VALUE: value,
    MIN_VALUE: value / 2,
    MAX_VALUE: value * 2,
    SAMPLE_COUNT: 10,
    UNIT: "ratio",
    EXPORTED_AT: time(at + 300_000),
    ...more,
  };
}

const read = async (sql: string) => (await snowflake.query(sql)) as Record<string, string | null>[];

describe("the SQL that is pasted into Snowflake", () => {
  it.each(files)("%s is Snowflake's own dialect", (file) => {
    const statements = statementsOf(readFileSync(join(folder, file), "utf8").replaceAll(/\{\{(\w+)\}\}/g, "NEPHOS_$1"));
    expect(statements.length).toBeGreaterThan(0);
    // The one form that the parser does not know; Snowflake's reference of CREATE SNOWFLAKE.ML.FORECAST has it.
    const known = statements.filter((sql) => !/^GRANT CREATE SNOWFLAKE\.ML\.\w+ ON SCHEMA \w+ TO ROLE \w+$/.test(sql));
    for (const sql of known) expect(() => parsed(sql), sql).not.toThrow();
  });

  it.each(files)(
    "%s declares no index and no key, grants nothing of the future, and has only the placeholders it names",
    (file) => {
      const sql = readFileSync(join(folder, file), "utf8");
      expect(sql.replaceAll(/--.*/g, "")).not.toMatch(/\bINDEX\b|PRIMARY KEY|\bFUTURE\b|\bTODO\b/i);
      const used = [...new Set([...sql.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!))].sort();
      expect(used).toEqual(PLACEHOLDERS);
      expect([...sql.matchAll(/^-- {3}\{\{(\w+)\}\}/gm)].map(([, name]) => name).sort()).toEqual(PLACEHOLDERS);
    },
  );

  it("runs twice: rows stay, a view's grants to others stay, another key replaces the first", async () => {
    const account = await Snowflake.start();
    const other = generateKeyPairSync("rsa", { modulusLength: 2_048 }).publicKey.export({
      type: "spki",
      format: "der",
    });
    await account.paste(`CREATE ROLE READERS; USE DATABASE NEPHOS; GRANT SELECT ON VIEW PUBLIC.METRICS TO ROLE READERS;
      INSERT INTO LANDING.METRICS SELECT 'a', 'load_1m', SYSDATE(), 1, 1, 1, 1, 'count', SYSDATE()`);
    await account.paste(setupSql({ PUBLIC_KEY: other.toString("base64"), CREDIT_QUOTA: "3" }));
    expect(await account.query("SELECT COUNT(*) AS N FROM METRICS")).toEqual([{ N: "1" }]);
    expect(account.account.rightsOf("READERS", "OBJECT NEPHOS.PUBLIC.METRICS")).toEqual(new Set(["SELECT"]));
    expect(account.account.users.get("NEPHOS_USER")?.publicKey).toBe(other.toString("base64"));
    expect(account.account.monitors.get("NEPHOS_WH_MONITOR")).toBe(3);
    await account.stop();
  }, 60_000);

  it("gives its role no more than to land, to read and to make models", async () => {
    expect((await asking.run("DELETE FROM LANDING.METRICS")).code).toBe("003001");
    expect((await asking.run("INSERT INTO METRICS (ID) VALUES ('x')")).code).toBe("003001");
    expect((await asking.run("CREATE TABLE X (A NUMBER)")).code).toBe("003001");
    expect((await asking.run("CREATE ROLE X")).code).toBe("003001");
    expect((await asking.run("SELECT 1", { role: "ACCOUNTADMIN" })).code).toBe("390189");
    expect((await asking.run("SELECT COUNT(*) FROM INSTANCE_HEALTH")).code).toBe("090001");
  });
});

describe("what is read", () => {
  it("shows a row once that landed twice, and of one that landed with newer content the newer", async () => {
    const at = NOW - HOUR_MS;
    const old = point("once", "load_1m", at, 1);
    const newer = point("once", "load_1m", at, 3, { SAMPLE_COUNT: 12, EXPORTED_AT: time(at + 600_000) });
    expect((await asking.land("metrics", [newer, old, old])).status).toBe(200);
    expect((await asking.land("metrics", [old, newer])).status).toBe(200);
    const rows = await read("SELECT METRIC_VALUE, SAMPLE_COUNT FROM METRICS WHERE INSTANCE_ID = 'once'");
    expect(rows).toEqual([{ METRIC_VALUE: 3, SAMPLE_COUNT: "12" }]);
  });

  it("reads the same whether rows came by streaming or by MERGE", async () => {
    const rows = [
      point("merged", "cpu_busy_ratio", NOW, 0.5),
      point("merged", "filesystem_used_ratio:/var", NOW, 0.25),
    ];
    await asking.land("metrics", rows);
    const merge = `MERGE INTO LANDING.METRICS T USING (
        SELECT VALUE:INSTANCE_ID::VARCHAR AS INSTANCE_ID, VALUE:METRIC_NAME::VARCHAR AS METRIC_NAME,
          VALUE:TIMESTAMP::TIMESTAMP_NTZ AS AT, VALUE:METRIC_VALUE::FLOAT AS METRIC_VALUE,
          VALUE:SAMPLE_COUNT::NUMBER AS SAMPLE_COUNT, VALUE:EXPORTED_AT::TIMESTAMP_NTZ AS EXPORTED_AT
        FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))
      ) S ON T.INSTANCE_ID = S.INSTANCE_ID AND T.METRIC_NAME = S.METRIC_NAME AND T.TIMESTAMP = S.AT
      WHEN MATCHED THEN UPDATE SET METRIC_VALUE = S.METRIC_VALUE
      WHEN NOT MATCHED THEN INSERT (INSTANCE_ID, METRIC_NAME, TIMESTAMP, METRIC_VALUE, SAMPLE_COUNT, EXPORTED_AT)
        VALUES (S.INSTANCE_ID, S.METRIC_NAME, S.AT, S.METRIC_VALUE, S.SAMPLE_COUNT, S.EXPORTED_AT)`;
    const more = [...rows, point("merged", "load_1m", NOW, 4)];
    const merged = await asking.run(merge, { bindings: { "1": { type: "TEXT", value: JSON.stringify(more) } } });
    expect(merged.data).toEqual([["1", "2"]]);
    const found = await read(
      "SELECT METRIC_NAME, METRIC_VALUE, TAGS, ID FROM METRICS WHERE INSTANCE_ID = 'merged' ORDER BY METRIC_NAME",
    );
    expect(found).toEqual([
      {
        METRIC_NAME: "cpu_busy_ratio",
        METRIC_VALUE: 0.5,
        TAGS: '{"metric":"cpu_busy_ratio"}',
        ID: `merged/cpu_busy_ratio/${NOW / 1_000}`,
      },
      expect.objectContaining({ TAGS: '{"metric":"filesystem_used_ratio","dimension":"/var"}' }),
      expect.objectContaining({ METRIC_NAME: "load_1m", METRIC_VALUE: 4 }),
    ]);
  });

  it("weighs the means of an hour and a day by their samples, and keeps each hour's extremes and its latest value", async () => {
    const at = Date.UTC(2026, 10, 25, 22);
    await asking.land("metrics", [
      point("hourly", "load_1m", at, 1, { SAMPLE_COUNT: 30 }),
      point("hourly", "load_1m", at + 300_000, 5, { SAMPLE_COUNT: 10 }),
      point("hourly", "load_1m", at + HOUR_MS, 6, { MIN_VALUE: null, MAX_VALUE: null }),
    ]);
    const columns = "AVG_VALUE, MIN_VALUE, MAX_VALUE, SAMPLE_COUNT, LATEST_VALUE";
    expect(await read(`SELECT ${columns} FROM METRICS_HOURLY WHERE INSTANCE_ID = 'hourly' ORDER BY HOUR`)).toEqual([
      { AVG_VALUE: 2, MIN_VALUE: 0.5, MAX_VALUE: 10, SAMPLE_COUNT: "40", LATEST_VALUE: 5 },
      { AVG_VALUE: 6, MIN_VALUE: 6, MAX_VALUE: 6, SAMPLE_COUNT: "10", LATEST_VALUE: 6 },
    ]);
    expect(await read(`SELECT ${columns} FROM METRICS_DAILY WHERE INSTANCE_ID = 'hourly'`)).toEqual([
      { AVG_VALUE: 2.8, MIN_VALUE: 0.5, MAX_VALUE: 10, SAMPLE_COUNT: "50", LATEST_VALUE: 6 },
    ]);
  });

  it("shows the health of the instances that are in the fleet: their last hour, in percent, and their open alerts", async () => {
    const instance = {
      TYPE: "vultr",
      STATUS: "healthy",
      CREATED_AT: time(0),
      UPDATED_AT: time(NOW),
      EXPORTED_AT: time(NOW),
    };
    await asking.land("instances", [
      { ...instance, ID: "well", NAME: "before", EXPORTED_AT: time(NOW - 1), METADATA: { os: "Debian" } },
      { ...instance, ID: "well", NAME: "after", METADATA: { os: "Debian" } },
      { ...instance, ID: "left", NAME: "left", REMOVED_AT: time(NOW) },
    ]);
    const alert = {
      INSTANCE_ID: "well",
      ALERT_TYPE: "metric",
      SEVERITY: "high",
      CREATED_AT: time(NOW),
      UPDATED_AT: time(NOW),
    };
    await asking.land("alerts", [
      { ...alert, ID: "open", STATUS: "active", EXPORTED_AT: time(NOW) },
      { ...alert, ID: "over", STATUS: "active", EXPORTED_AT: time(NOW) },
      { ...alert, ID: "over", STATUS: "resolved", RESOLVED_AT: time(NOW), EXPORTED_AT: time(NOW + 1) },
    ]);
    await asking.land("metrics", [
      point("well", "cpu_busy_ratio", NOW - 30 * 60_000, 0.2),
      point("well", "cpu_busy_ratio", NOW - 10 * 60_000, 0.4),
      point("well", "cpu_busy_ratio", NOW - 2 * HOUR_MS, 1),
      point("well", "memory_used_ratio", NOW - 10 * 60_000, 0.5),
    ]);
    expect(await read("SELECT ID FROM ACTIVE_ALERTS")).toEqual([{ ID: "open" }]);
    const [health, ...more] = await read("SELECT * FROM INSTANCE_HEALTH");
    expect(more).toEqual([]);
    expect(health).toMatchObject({ ID: "well", NAME: "after", ACTIVE_ALERTS_COUNT: "1", AVG_MEMORY: 50 });
    expect(health!["AVG_CPU"]).toBeCloseTo(30, 9);
    expect(await read("SELECT METADATA:os::VARCHAR AS OS FROM INSTANCES WHERE ID = 'well'")).toEqual([
      { OS: "Debian" },
    ]);
    expect(snowflake.complaints).toEqual([]);
  });
});
