import { beforeAll, describe, expect, it } from "vitest";
import type { EpochMs } from "../../../contract/units.ts";
import { jsonBinding } from "../../snowflake/binding.ts";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../../testing/snowflake.ts";
import type { Machine, MachineHistory } from "../engine.ts";
import { isLearningDue, learnedAnomalies, learnedPatterns, learnedPredictions } from "./learn.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 26, 12, 30);

const INSERT = `INSERT INTO LANDING.METRICS (INSTANCE_ID, METRIC_NAME, TIMESTAMP, METRIC_VALUE, SAMPLE_COUNT, UNIT, EXPORTED_AT)
SELECT VALUE:i::VARCHAR, VALUE:m::VARCHAR, VALUE:t::TIMESTAMP_NTZ, VALUE:v::FLOAT, 10, 'ratio', SYSDATE()
FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))`;

function history(id: string): MachineHistory {
  const unknown = { region: null, plan: null, cpuCount: null, memoryBytes: null, diskBytes: null, monthlyCost: null };
  const machine: Machine = {
    id,
    name: `name of ${id}`,
    tags: [],
    ...unknown,
    bandwidth: null,
    bootAt: null,
    firstSeenAt: 0,
  };
  return { machine, hourly: new Map(), fine: new Map(), spans: [] };
}
const MACHINES = ["i-1", "i-2", "i-9"].map(history);

/** Small and always the same. */
const wobble = (hour: number) => Math.sin(hour * 12.9898) * 0.004;

let snowflake: StartedSnowflake;
let clock: StandingClock;

beforeAll(async () => {
  snowflake = await startSnowflake();
  clock = new StandingClock(NOW);
  await snowflake.order({ now: NOW });
  const client = snowflake.clientWith({}, clock);
  const series: [id: string, metric: string, at: (hour: number, at: EpochMs) => number][] = [
    // Full in about 22 days.
    ["i-1", "filesystem_used_ratio", (hour) => 0.2 + (hour / 24) * 0.01 + wobble(hour)],
    ["i-1", "cpu_busy_ratio", (hour, at) => (new Date(at).getUTCHours() === 3 ? 0.8 : 0.2) + wobble(hour)],
    ["i-2", "filesystem_used_ratio", (hour) => 0.4 + wobble(hour)],
    ["i-2", "cpu_busy_ratio", (hour, at) => (at === NOW - 90 * 60_000 - 12 * HOUR ? 0.95 : 0.3) + wobble(hour)],
    ["i-2", "disk_util_ratio", (hour, at) => (isSundayNight(at) ? 0.9 : 0.1) + wobble(hour)],
  ];
  for (const [i, m, at] of series) {
    const rows = Array.from({ length: 57 * 24 + 12 }, (_, hour) => {
      const t = NOW - 30 * 60_000 - (57 * 24 + 12 - hour) * HOUR;
      return { i, m, t: new Date(t).toISOString().replace("Z", ""), v: at(hour, t) };
    });
    await client.run(INSERT, [jsonBinding(rows)], { deadline: clock.at + 60_000 });
  }
});

function isSundayNight(at: EpochMs): boolean {
  const date = new Date(at);
  return date.getUTCDay() === 0 && date.getUTCHours() === 3;
}

describe("what is learned in Snowflake", () => {
  it("is when a disk will be full, with its interval, and a band for its chart", async () => {
    const found = await learnedPredictions(snowflake.clientWith({}, clock), MACHINES, NOW);
    expect(found).toHaveLength(3);
    const [first, second, unknown] = found;
    expect(unknown).toEqual({ findings: [], bands: {} });
    expect(Object.keys(second!.bands)).toEqual(["filesystem_used_ratio"]);
    const band = first!.bands["filesystem_used_ratio"]!;
    expect(band.stepMs).toBe(DAY);
    expect(band.middle.every((value, step) => value! >= band.lower[step]! && value! <= band.upper[step]!)).toBe(true);
    expect(Math.max(...band.upper.map(Number))).toBeLessThanOrEqual(1);
    for (const finding of found.flatMap(({ findings }) => findings)) {
      expect(finding.confidence).toBeGreaterThan(0);
      expect(finding.at).toBeGreaterThan(NOW);
      expect(finding.claims.every(({ evidence }) => evidence.length > 0)).toBe(true);
    }
  });

  it("is what stood out in the last two days", async () => {
    const findings = await learnedAnomalies(snowflake.clientWith({}, clock), MACHINES, NOW);
    const ofSecond = findings.filter(({ subjects }) => subjects.some(({ id }) => id === "i-2"));
    expect(ofSecond.map(({ metrics }) => metrics)).toContainEqual(["cpu_busy_ratio"]);
    expect(ofSecond[0]!.title).toContain("unusually high: 95 %");
  });

  it("is what comes back every day and every week", async () => {
    const findings = await learnedPatterns(snowflake.clientWith({}, clock), MACHINES, NOW);
    const titles = findings.map(({ title }) => title);
    expect(titles).toContainEqual(expect.stringContaining("every day between 03:00 and 04:00 UTC: 80 %"));
    expect(titles).toContainEqual(expect.stringContaining("every Sunday between 03:00 and 04:00 UTC: 90 %"));
    expect(titles).toHaveLength(2);
  });

  it("is by statements of ours alone, in the one warehouse", async () => {
    const { statements, complaints, trainings } = await snowflake.told();
    const learning = statements.filter(({ queryTag }) => queryTag === "nephos learn");
    expect(learning).toHaveLength(5);
    expect(learning.map(({ code }) => code)).toEqual(learning.map(() => "090001"));
    expect(new Set(learning.map(({ warehouse }) => warehouse))).toEqual(new Set(["NEPHOS_WH"]));
    expect(trainings.map(({ kind }) => kind)).toEqual(["FORECAST", "ANOMALY_DETECTION"]);
    expect(complaints).toEqual([]);
  });

  it("is read of a large fleet some hundred machines at a time, and learned once", async () => {
    const before = await snowflake.told();
    const many = [...MACHINES, ...Array.from({ length: 640 }, (_, place) => history(`other-${place}`)), history("i-1")];
    const found = await learnedPredictions(snowflake.clientWith({}, clock), many, NOW);
    expect(found.flatMap(({ bands }, place) => (Object.keys(bands).length > 0 ? [place] : []))).toEqual([0, 1, 643]);
    const { statements, trainings } = await snowflake.told();
    const fresh = statements.slice(before.statements.length);
    const bound = fresh.flatMap(({ bindings }) =>
      Object.values(bindings).map(({ value }) => JSON.parse(value!).length),
    );
    expect(bound).toEqual([300, 300, 44]);
    expect(trainings).toHaveLength(before.trainings.length + 1);
  });

  it("is nothing where there is no history yet", async () => {
    const empty = await startSnowflake();
    const client = empty.clientWith({}, clock);
    await empty.order({ now: NOW });
    expect(await learnedAnomalies(client, MACHINES, NOW)).toEqual([]);
    expect(await learnedPatterns(client, MACHINES, NOW)).toEqual([]);
    expect((await learnedPredictions(client, MACHINES, NOW)).flatMap(({ findings }) => findings)).toEqual([]);
  });
});

it.each([
  [0, null, false],
  [7, null, true],
  [7, NOW - 6 * DAY, false],
  [7, NOW - 7 * DAY, true],
  [1, NOW - DAY + 60_000, true],
  [1, NOW + DAY, true],
] as const)("is learned every %s days: last at %s, due %s", (learnsEveryDays, learnedAt, isDue) => {
  expect(isLearningDue({ learnsEveryDays }, learnedAt, NOW)).toBe(isDue);
});
