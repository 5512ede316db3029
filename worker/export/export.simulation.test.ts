import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { EpochMs } from "../../contract/units.ts";
import type { SnowflakeFault } from "../../tests/outside/snowflake/told.ts";
import { Roller, type RollState } from "../series/rolling.ts";
import { db, knowInstance, putSamples, seriesIn } from "../testing/history.ts";
import { seeds } from "../testing/seeds.ts";
import { StandingClock, startSnowflake } from "../testing/snowflake.ts";
import { exportDue } from "./export.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 6 * HOUR;
const T0 = Math.floor(Date.UTC(2026, 10, 26) / QUARTER) * QUARTER;
const IDS = ["a", "b", "c"];
const FAULTS: readonly SnowflakeFault["kind"][] = ["too_often", "failing", "cut", "lost", "expired", "key_refused"];

/** mulberry32: numbers from a seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

class Crash extends Error {}

it.each(seeds(3))(
  "whatever fails, restarts or becomes of the clock, the views end up with what is here, each row once (seed %i)",
  async (seed) => {
    const tables = ["block", "instance", "health_check", "incident", "insight", "export_cursor"];
    await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
    const below = random(seed);
    const snowflake = await startSnowflake();
    const clock = new StandingClock(T0);
    let state: RollState | undefined;
    const roller = new Roller(db, { read: async () => state, write: async (written) => void (state = written) });
    for (const id of IDS) await knowInstance(id);
    const sent = new Map<string, number>();

    const put = async (id: string, at: EpochMs) => {
      const seq = (sent.get(id) ?? 0) + 1;
      sent.set(id, seq);
      await roller.adding([Math.floor(at / HOUR)]);
      await putSamples(id, [{ at, metrics: { load_1m: below(100) }, seq, stream: 1 }]);
    };
    /** Breaks off in the middle of things, where it was to write down how far it has come. */
    let isFragile = true;
    const { $client } = db;
    const batch = async (statements: Parameters<typeof $client.batch>[0]) => {
      if (isFragile && below(12) === 0) throw new Crash();
      return $client.batch(statements);
    };
    const fragile = new Proxy(db, {
      get: (whole, name) => (name === "$client" ? { ...$client, batch } : Reflect.get(whole, name)),
    });
    const tick = async (at: EpochMs, way: "streaming" | "merge") => {
      clock.at = at;
      await snowflake.order({ now: at });
      const client = snowflake.clientWith({}, clock);
      const settings = { exportWay: way, exportEveryHours: 1 as const };
      await exportDue({ db: fragile, client, settings, now: at, until: at + 20_000, clock }).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
    };

    let real = T0;
    for (let turn = 0; turn < 60; turn++) {
      real += [2 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR][below(4)]!;
      const now = real + (below(10) === 0 ? (below(2) === 0 ? -1 : 1) * below(3 * 24) * HOUR : 0);
      for (const id of IDS) if (below(3) > 0) await put(id, real - below(3) * 10 * MINUTE);
      // An agent that was cut off hands in what it kept.
      if (below(8) === 0) await put(IDS[below(3)]!, real - below(48) * HOUR);
      if (below(3) === 0) for (let rolls = 0; rolls < 3; rolls++) await roller.roll(real);
      if (below(6) === 0) {
        const id = IDS[below(3)]!;
        await env.DB.prepare("UPDATE instance SET name = ?2 WHERE id = ?1").bind(id, `${id} ${turn}`).run();
      }
      const kind = below(3) === 0 ? FAULTS[below(FAULTS.length)]! : null;
      await snowflake.fault(kind && { kind, times: 1 + below(8) });
      await tick(now, below(3) === 0 ? "merge" : "streaming");
    }
    isFragile = false;
    await snowflake.fault(null);
    real += QUARTER;
    for (let rolls = 0; rolls < 6; rolls++) await roller.roll(real);
    for (let turn = 0; turn < 2; turn++) await tick((real += 2 * HOUR), "streaming");

    const read = async (query: string) => {
      const { rows, problem } = await snowflake.order({ query });
      expect(problem).toBeNull();
      return rows;
    };
    for (const id of IDS) {
      const here = await seriesIn("fiveMinutes", id, "load_1m", T0 - 3 * 24 * HOUR, real, real);
      const there = await read(
        `SELECT DATE_PART(EPOCH_MILLISECOND, TIMESTAMP) AS AT, METRIC_VALUE AS V, SAMPLE_COUNT AS N FROM METRICS WHERE INSTANCE_ID = '${id}' ORDER BY TIMESTAMP`,
      );
      const points = here.at.map((at, point) => [at, here.mean[point], here.count[point]]);
      expect(points.length).toBeGreaterThan(10);
      const rolled = Math.floor(real / QUARTER) * QUARTER;
      expect(there.map((row) => [row["AT"], row["V"], row["N"]].map(Number))).toEqual(
        points.filter(([at]) => at! < rolled),
      );
    }
    const names = await env.DB.prepare("SELECT id AS ID, name AS NAME FROM instance ORDER BY id").all();
    expect(await read("SELECT ID, NAME FROM INSTANCES ORDER BY ID")).toEqual(names.results);
    const { complaints, rowsDropped } = await snowflake.told();
    expect([complaints, rowsDropped]).toEqual([[], []]);
  },
  120_000,
);
