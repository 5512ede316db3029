import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { ExportStreamName, ExportWay } from "../../contract/snowflake-kinds.ts";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { keepFindings } from "../insights/store.ts";
import { Roller, type RollState } from "../series/rolling.ts";
import { db, knowInstance, putSamples } from "../testing/history.ts";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../testing/snowflake.ts";
import { askExport, readExports } from "./cursor-store.ts";
import { exportDue } from "./export.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 6 * HOUR;
const DAY = 24 * HOUR;
/** A quarter of a day has just been over, and rolled. */
const T0 = Math.floor(Date.UTC(2026, 10, 26, 12) / QUARTER) * QUARTER + 10 * MINUTE;
/** The beginning of the last whole one. */
const LAST = T0 - 10 * MINUTE - QUARTER;

let snowflake: StartedSnowflake;
let clock: StandingClock;
let settings: { exportWay: ExportWay; exportEveryHours: 1 | 6 | 24 };

beforeEach(async () => {
  const tables = [
    "block",
    "instance",
    "health_check",
    "check_change",
    "incident",
    "insight",
    "export_cursor",
    "snowflake_connection",
  ];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  snowflake = await startSnowflake();
  clock = new StandingClock(T0);
  settings = { exportWay: "streaming", exportEveryHours: 1 };
});

/** A tick with nothing in memory from before. */
async function tick(at: EpochMs = clock.at) {
  clock.at = at;
  await snowflake.order({ now: at });
  return exportDue({ db, client: snowflake.clientWith({}, clock), settings, now: at, until: at + 20_000, clock });
}

async function read(query: string): Promise<Record<string, unknown>[]> {
  const { rows, problem } = await snowflake.order({ query });
  expect(problem).toBeNull();
  return rows;
}

const countOf = async (table: string) => Number((await read(`SELECT COUNT(*) AS N FROM ${table}`))[0]!["N"]);
const sends = async () => (await snowflake.told()).requests.filter(({ name }) => name === "POST rows");
const streamOf = async (name: ExportStreamName) => (await readExports(db)).find(({ stream }) => stream === name)!;

/** Readings at the beginning of each hour of this quarter, in blocks of five minutes. */
async function putQuarter(id: string, from: EpochMs, metrics: (hour: number) => Readings): Promise<void> {
  await putSamples(
    id,
    Array.from({ length: 6 }, (_, hour) => ({ at: from + hour * HOUR, metrics: metrics(hour) })),
  );
  await roll();
}

/** All that is due, however many instances it is of. */
async function roll(): Promise<void> {
  let state: RollState | undefined;
  const roller = new Roller(db, { read: async () => state, write: async (written) => void (state = written) });
  do await roller.roll(clock.at);
  while (state!.after !== null);
}

async function knowCheck(id: string, instanceId: string | null): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO health_check (id, name, instance_id, tags, interval_ms, timeout_ms, slow_ms, bad_ms, is_paused, is_default, target,
       header_names, created_at) VALUES (?1, ?1, ?2, '[]', 60000, 5000, 1000, 3000, 0, 0, '{}', '[]', 0)`,
  )
    .bind(id, instanceId)
    .run();
}

async function knowIncident(id: string, updatedAt: EpochMs, state = "open"): Promise<void> {
  await env.DB.prepare(
    `INSERT OR REPLACE INTO incident (id, title, severity, state, rule_id, rule_name, kind, subject, instance_id, reason, opened_at, updated_at,
       resolved_at, members, open_members, reopened, is_silenced, tags, last_event)
     VALUES (?1, 'web is down', 'warning', ?3, 'r', 'Down', 'verdict', 'web', 'web', 'refused', ?4, ?2,
       CASE ?3 WHEN 'resolved' THEN ?2 END, 1, 1, 0, 0, '["eu"]', 1)`,
  )
    .bind(id, updatedAt, state, T0 - DAY)
    .run();
}

async function findSomething(title = "The disk of web will be full"): Promise<void> {
  const row = { subject: "web", name: "web", metric: "filesystem_used_ratio", value: 0.8, from: null, to: null };
  await keepFindings(
    db,
    [
      {
        key: "prediction web",
        kind: "prediction",
        severity: "warning",
        title,
        claims: [{ text: "It grows by 1 % a day.", evidence: ["e1"] }],
        actions: ["Grow the disk."],
        subjects: [{ id: "web", name: "web" }],
        metrics: ["filesystem_used_ratio"],
        confidence: 0.9,
        basis: "back-test",
        evidence: [{ ...row, id: "e1", words: "80 % now.", incidentId: null }],
        chart: null,
        at: clock.at + DAY,
        earliestAt: clock.at + HOUR,
        latestAt: clock.at + 2 * DAY,
        monthlySaving: null,
        lastsMs: DAY,
      },
    ],
    { name: "local", model: null },
    clock.at,
  );
}

describe.each(["streaming", "merge"] as const)("what is exported by %s", (way) => {
  beforeEach(async () => {
    settings.exportWay = way;
    await knowInstance("web", ["eu"]);
    await knowCheck("check:web", "web");
  });

  it("is read by the views as it is here, of all five kinds, and the second time nothing is new", async () => {
    await putQuarter("web", LAST, (hour) => ({ cpu_busy_ratio: hour / 10, uptime_seconds: 100 + hour }));
    await putQuarter("check:web", LAST, (hour) =>
      hour === 2
        ? { check_up: 0, check_degraded: 0 }
        : { check_up: 1, check_degraded: 0, check_response_seconds: 0.25 },
    );
    await env.DB.prepare("INSERT INTO check_change (check_id, at, judgement) VALUES ('check:web', ?1, ?2)")
      .bind(
        LAST + 2 * HOUR,
        JSON.stringify({ verdict: "down", since: 0, reason: "refused from 3 of 3", witnesses: [] }),
      )
      .run();
    await knowIncident("i1", T0 - HOUR);
    await findSomething();
    expect(await tick()).not.toHaveProperty("isUnfinished");

    const cpu = await read("SELECT * FROM METRICS WHERE METRIC_NAME = 'cpu_busy_ratio' ORDER BY TIMESTAMP");
    expect(cpu.map((row) => Number(row["METRIC_VALUE"]))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(cpu[1]).toMatchObject({ INSTANCE_ID: "web", UNIT: "ratio" });
    expect([cpu[1]!["MIN_VALUE"], cpu[1]!["MAX_VALUE"], cpu[1]!["SAMPLE_COUNT"]].map(Number)).toEqual([0.1, 0.1, 1]);
    const counter = await read("SELECT * FROM METRICS WHERE METRIC_NAME = 'uptime_seconds' ORDER BY TIMESTAMP");
    expect(counter).toHaveLength(6);
    expect(counter[0]).toMatchObject({ MIN_VALUE: null, MAX_VALUE: null });
    const rounds = await read("SELECT * FROM HEALTH_CHECKS ORDER BY TIMESTAMP");
    expect(rounds.map((row) => row["STATUS"])).toEqual([
      "healthy",
      "healthy",
      "unhealthy",
      "healthy",
      "healthy",
      "healthy",
    ]);
    expect(rounds[2]).toMatchObject({ LATENCY_MS: null, ERROR_MESSAGE: "refused from 3 of 3", INSTANCE_ID: "web" });
    expect(rounds[1]).toMatchObject({ ERROR_MESSAGE: null, CHECK_ID: "check:web" });
    expect(Number(rounds[1]!["LATENCY_MS"])).toBe(250);
    expect(await read("SELECT * FROM ALERTS")).toMatchObject([
      { ID: "i1", STATUS: "active", SEVERITY: "high", RULE_NAME: "Down", RESOLVED_AT: null },
    ]);
    expect(await read("SELECT NAME, STATUS, METADATA:tags[0]::VARCHAR AS TAG FROM INSTANCES")).toEqual([
      { NAME: "web", STATUS: "unknown", TAG: "eu" },
    ]);
    expect(
      await read(
        "SELECT INSIGHT_TYPE, DESCRIPTION, AFFECTED_INSTANCES[0]::VARCHAR AS OF, METADATA:engine::VARCHAR AS BY FROM AI_INSIGHTS",
      ),
    ).toEqual([{ INSIGHT_TYPE: "prediction", DESCRIPTION: "It grows by 1 % a day.", OF: "web", BY: "local" }]);
    const { complaints, rowsDropped, rowsLanded, statements } = await snowflake.told();
    expect(statements).toHaveLength(way === "merge" ? 5 : 0);
    expect([complaints, rowsDropped]).toEqual([[], []]);
    expect(statements.every(({ code }) => code === "090001")).toBe(true);

    const exported = await readExports(db);
    expect(exported.map(({ rows, problem, missed }) => [rows, problem, missed])).toEqual(
      [1, 12 + 17, 1, 6, 1].map((rows) => [rows, null, null]),
    );
    expect((await streamOf("metrics")).doneTo).toBe(LAST + QUARTER);

    await tick(T0 + HOUR);
    const after = await snowflake.told();
    expect(after.rowsLanded).toEqual(rowsLanded);
    expect(after.statements).toHaveLength(statements.length);
  });

  it("is sent as a newer version where a block was rolled again, and the view shows that", async () => {
    await putQuarter("web", LAST, () => ({ load_1m: 1 }));
    await tick();
    await putSamples("web", [{ at: LAST + HOUR + MINUTE, metrics: { load_1m: 5 }, seq: 1, stream: 2 }]);
    await roll();
    await tick(T0 + HOUR);
    const rows = await read("SELECT * FROM METRICS ORDER BY TIMESTAMP");
    expect(rows.map((row) => [Number(row["METRIC_VALUE"]), Number(row["SAMPLE_COUNT"])])).toEqual([
      [1, 1],
      [3, 2],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(await countOf("LANDING.METRICS")).toBe(way === "streaming" ? 12 : 6);
  });

  it("follows what changes in place, and says when an instance has left", async () => {
    await knowIncident("i1", T0 - HOUR);
    await findSomething();
    await tick();
    await knowIncident("i1", T0 + MINUTE, "resolved");
    await env.DB.prepare("UPDATE insight SET expires_at = ?1")
      .bind(T0 + MINUTE)
      .run();
    await env.DB.prepare("DELETE FROM instance").run();
    await tick(T0 + HOUR);
    expect(await read("SELECT STATUS FROM ALERTS")).toEqual([{ STATUS: "resolved" }]);
    expect(await read("SELECT NAME, REMOVED_AT IS NULL AS HERE FROM INSTANCES")).toMatchObject([{ NAME: "web" }]);
    expect(await countOf("INSTANCES WHERE REMOVED_AT IS NOT NULL")).toBe(1);
    expect(await countOf("AI_INSIGHTS WHERE EXPIRES_AT < '2026-11-27'")).toBe(1);
    await tick(T0 + 2 * HOUR);
    expect(await countOf("LANDING.INSTANCES")).toBe(way === "streaming" ? 2 : 1);
  });
});

describe("how often", () => {
  it("is as its owner chose, whatever restarts or the clock does in between, or when somebody asks", async () => {
    await knowInstance("web");
    settings.exportEveryHours = 6;
    await tick();
    const begun = async () => (await streamOf("instances")).lastAt;
    await tick(T0 + 5 * HOUR);
    expect(await begun()).toBe(T0);
    await tick(T0 - DAY);
    expect(await begun()).toBe(T0 - DAY);
    await tick(T0 - DAY + 2 * MINUTE);
    expect(await begun()).toBe(T0 - DAY);
    await tick(T0 - DAY + 6 * HOUR);
    expect(await begun()).toBe(T0 - DAY + 6 * HOUR);
    await askExport(db, T0);
    expect(await begun()).toBe(T0 - DAY + 6 * HOUR);
    await tick(T0 - DAY + 6 * HOUR + 2 * MINUTE);
    expect(await begun()).toBe(T0 - DAY + 6 * HOUR + 2 * MINUTE);
  });

  it("starts the warehouse once a turn by MERGE, also where something fails or the time is up", async () => {
    settings = { exportWay: "merge", exportEveryHours: 6 };
    await knowInstance("web");
    const told = async () => {
      const { statements, warehouses } = await snowflake.told();
      return [statements.length, warehouses["NEPHOS_WH"]!.resumes];
    };
    await snowflake.fault({ kind: "lost", on: "POST statements" });
    await tick();
    expect(await told()).toEqual([1, 1]);
    await snowflake.fault(null);
    for (let minute = 2; minute < 360; minute += 30) await tick(T0 + minute * MINUTE);
    expect(await told()).toEqual([1, 1]);
    expect((await streamOf("instances")).problem).toMatchObject({ code: "unavailable", since: T0 });

    await putQuarter("web", LAST, () => ({ load_1m: 1 }));
    await tick(T0 + 6 * HOUR);
    expect(await told()).toEqual([3, 2]);
    for (let minute = 2; minute < 360; minute += 30) {
      await knowInstance(`web-${minute}`);
      await tick(T0 + 6 * HOUR + minute * MINUTE);
    }
    expect(await told()).toEqual([3, 2]);

    const shortTick = async (at: EpochMs) => {
      clock.at = at;
      await snowflake.order({ now: at });
      const now = clock.now;
      // Each look at the clock costs a second and a half: time for one batch.
      const slow = { now: () => (clock.at += 1_500) };
      const client = snowflake.clientWith({}, clock);
      return exportDue({ db, client, settings, now: now(), until: at + 4_000, clock: slow });
    };
    await putQuarter("web", LAST - QUARTER, () => ({ load_1m: 1 }));
    expect(await shortTick(T0 + 12 * HOUR)).toMatchObject({ isUnfinished: true });
    for (let second = 10; second < 100; second += 10) await shortTick(T0 + 12 * HOUR + second * 1_000);
    expect(await told()).toEqual([5, 3]);
    expect((await streamOf("metrics")).rows).toBe(12);
  });

  it("waits neither for the next turn by MERGE where it was refused at the door: nothing was started", async () => {
    settings = { exportWay: "merge", exportEveryHours: 24 };
    await knowInstance("web");
    await snowflake.fault({ kind: "too_often" });
    await tick();
    await snowflake.fault(null);
    await tick(T0 + 3 * MINUTE);
    expect((await streamOf("instances")).rows).toBe(1);
    expect((await snowflake.told()).warehouses["NEPHOS_WH"]!.resumes).toBe(1);
  });

  it("goes on soon by Snowpipe after a failure, later each time, and forgets the problem when it is well", async () => {
    await knowInstance("web");
    await snowflake.fault({ kind: "key_refused" });
    const { says } = await tick();
    expect(says).toContain("key");
    const asked = async () => (await snowflake.told()).requests.length;
    const before = await asked();
    await tick(T0 + MINUTE);
    expect(await asked()).toBe(before);
    await tick(T0 + 2 * MINUTE);
    expect(await asked()).toBeGreaterThan(before);
    expect((await readExports(db)).map(({ problem }) => problem?.since)).toEqual(Array(5).fill(T0));
    await snowflake.fault(null);
    await tick(T0 + 6 * MINUTE);
    expect((await readExports(db)).map(({ problem }) => problem)).toEqual(Array(5).fill(null));
    expect(await countOf("INSTANCES")).toBe(1);
  });

  it("a table that may not be written to keeps none of the others waiting", async () => {
    await knowInstance("web");
    await putQuarter("web", LAST, () => ({ load_1m: 1 }));
    await snowflake.order({ forget: { privilege: "INSERT", on: "LANDING.INSTANCES" } });
    await tick();
    expect(await countOf("METRICS")).toBe(6);
    expect((await streamOf("instances")).problem).toMatchObject({ code: "rights_missing" });
    expect((await streamOf("metrics")).problem).toBeNull();
  });
});

describe("a batch", () => {
  it("is of a hundred instances and more, in one call", async () => {
    const ids = Array.from({ length: 120 }, (_, place) => `web-${String(place).padStart(3, "0")}`);
    for (const id of ids) await knowInstance(id);
    for (const id of ids) {
      await putSamples(
        id,
        [0, 1, 2].map((hour) => ({ at: LAST + hour * HOUR, metrics: { load_1m: hour, cpu_busy_ratio: 0.5 } })),
      );
    }
    await roll();
    await tick();
    expect(await countOf("METRICS")).toBe(120 * 6);
    // One of instances, one of metrics.
    expect(await sends()).toHaveLength(2);
  });

  it("that was cut off after it had landed is sent again, and read once", async () => {
    await knowInstance("web");
    await putQuarter("web", LAST, () => ({ load_1m: 1 }));
    await snowflake.fault({ kind: "lost", on: "POST rows" });
    await tick();
    await snowflake.fault(null);
    await tick(T0 + 10 * MINUTE);
    expect(await countOf("LANDING.INSTANCES")).toBeGreaterThan(1);
    expect(await countOf("INSTANCES")).toBe(1);
    expect(await countOf("METRICS")).toBe(6);
  });

  it("that cannot be read here is passed by, and what follows is sent", async () => {
    await knowInstance("web");
    await putQuarter("web", LAST - QUARTER, () => ({ load_1m: 1 }));
    await putQuarter("web", LAST, () => ({ load_1m: 2 }));
    await env.DB.prepare("UPDATE block SET directory = '{}' WHERE tier = 1 AND bucket = ?1")
      .bind((LAST - QUARTER) / QUARTER)
      .run();
    await tick();
    expect(await countOf("METRICS")).toBe(6);
  });
});

it("remembers of incidents only what may still change, however many there were", async () => {
  for (let day = 0; day < 30; day++) await knowIncident(`old-${day}`, T0 - (100 - day) * DAY, "resolved");
  await knowIncident("open", T0 - 200 * DAY);
  await knowIncident("new", T0 - HOUR, "resolved");
  await tick();
  await tick(T0 + HOUR);
  expect(await countOf("LANDING.ALERTS")).toBe(32);
  const kept = await env.DB.prepare(
    "SELECT json_group_array(key) AS ids FROM export_cursor, json_each(cursor -> '$.place' -> 'sent') WHERE stream = 'incidents'",
  ).first<{ ids: string }>();
  expect(JSON.parse(kept!.ids).sort()).toEqual(["new", "open"]);
});

it("another account or database is sent everything, and what the one before has counts for nothing", async () => {
  expect((await readExports(db)).map(({ rows, lastAt }) => [rows, lastAt])).toEqual(Array(5).fill([0, null]));
  await knowInstance("web");
  await tick();
  const other = await startSnowflake();
  await other.order({ now: clock.at });
  const client = other.clientWith({}, clock);
  await exportDue({ db, client, settings, now: clock.at, until: clock.at + 20_000, clock });
  expect((await other.order({ query: "SELECT ID FROM INSTANCES" })).rows).toEqual([{ ID: "web" }]);
  expect((await streamOf("instances")).rows).toBe(1);
});
