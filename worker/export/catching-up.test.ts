import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { changeRetention } from "../series/ring-store.ts";
import { deleteHistory } from "../series/store.ts";
import { db, knowInstance, putSamples } from "../testing/history.ts";
import { rollDue } from "../testing/rolled.ts";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../testing/snowflake.ts";
import { readExports } from "./cursor-store.ts";
import { exportDue } from "./export.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 6 * HOUR;
const DAY = 24 * HOUR;
/** A quarter of a day has just been over, and rolled. */
const T0 = Math.floor(Date.UTC(2026, 10, 26, 12) / QUARTER) * QUARTER + 10 * MINUTE;
/** The beginning of the last whole one. */
const LAST = T0 - 10 * MINUTE - QUARTER;
const settings = { exportWay: "streaming", exportEveryHours: 1 } as const;

let snowflake: StartedSnowflake;
let clock: StandingClock;

beforeEach(async () => {
  await env.DB.batch(["block", "instance", "export_cursor"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  snowflake = await startSnowflake();
  clock = new StandingClock(T0);
});

/** A tick with nothing in memory from before. */
async function tick(at: EpochMs = clock.at) {
  clock.at = at;
  await snowflake.order({ now: at });
  return exportDue({ db, client: snowflake.clientWith({}, clock), settings, now: at, until: at + 20_000, clock });
}

const read = async (query: string) => (await snowflake.order({ query })).rows;
const countOf = async (table: string) => Number((await read(`SELECT COUNT(*) AS N FROM ${table}`))[0]!["N"]);
const streamOf = async (name: string) => (await readExports(db)).find(({ stream }) => stream === name)!;
const roll = () => rollDue(db, clock.at);

/** Readings at the beginning of each hour of this quarter, in a block of five minutes. */
async function putQuarter(id: string, from: EpochMs, metrics: () => Readings): Promise<void> {
  await putSamples(
    id,
    Array.from({ length: 6 }, (_, hour) => ({ at: from + hour * HOUR, metrics: metrics() })),
  );
  await roll();
}

describe("Snowflake away for a week", () => {
  it("catches up in order, within the time of its ticks, and loses nothing", async () => {
    await knowInstance("web");
    clock.at = T0 - 7 * DAY;
    await putQuarter("web", LAST - 7 * DAY, () => ({ load_1m: 0 }));
    await tick();
    for (let quarter = 27; quarter >= 0; quarter--) {
      clock.at = T0 - quarter * QUARTER;
      await putQuarter("web", LAST - quarter * QUARTER, () => ({ load_1m: quarter }));
    }
    await tick(T0);
    expect(await countOf("METRICS")).toBe(29 * 6);
    expect((await streamOf("metrics")).missed).toBeNull();
    expect((await streamOf("metrics")).doneTo).toBe(LAST + QUARTER);
  });

  it("goes on where its time was up", async () => {
    await knowInstance("web");
    const now = T0;
    const step = () =>
      exportDue({ db, client: snowflake.clientWith({}, clock), settings, now, until: clock.at + 1_000, clock });
    await snowflake.order({ now });
    expect(await step()).toEqual({ isUnfinished: true });
    expect(await tick()).not.toHaveProperty("isUnfinished");
    expect(await countOf("INSTANCES")).toBe(1);
  });

  it("says from when to when something was gone here before it could be sent", async () => {
    await knowInstance("web");
    await putQuarter("web", LAST, () => ({ load_1m: 1 }));
    await tick();
    const later = T0 + 40 * DAY;
    await deleteHistory(db, ["web"]);
    await tick(later);
    expect((await streamOf("metrics")).missed).toMatch(/^From 2026-11-26 \d\d:00 to 2026-12-06 \d\d:\d\d UTC /);
    expect((await streamOf("instances")).missed).toBeNull();
    await tick(later + HOUR);
    expect((await streamOf("metrics")).missed).toMatch(/^From 2026-11-26/);
  });

  it("sends what is there when the owner has changed how long it is kept", async () => {
    await knowInstance("web");
    await putQuarter("web", LAST, () => ({ load_1m: 1 }));
    await tick();
    await changeRetention(db, { rawDays: 3, fiveMinutesDays: 60, hourDays: 730 }, T0);
    await putSamples("web", [{ at: LAST + MINUTE, metrics: { load_1m: 3 }, seq: 1, stream: 2 }]);
    await roll();
    await tick(T0 + HOUR);
    expect((await read("SELECT MAX(METRIC_VALUE) AS M FROM METRICS"))[0]!["M"]).toBe(2);
    const before = await countOf("LANDING.METRICS");
    await tick(T0 + 2 * HOUR);
    expect(await countOf("LANDING.METRICS")).toBe(before);
    await changeRetention(db, { rawDays: 3, fiveMinutesDays: 30, hourDays: 730 }, T0);
  });
});
