import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import type { ExportWay } from "../../contract/snowflake-kinds.ts";
import { Chance } from "../../tests/chance.ts";
import { writeBlocks } from "../series/block-store.ts";
import { packPoints, type Points } from "../series/block/points.ts";
import { packKey } from "../series/packed.ts";
import { TIER_SPECS } from "../series/tiers.ts";
import { db, knowInstance } from "../testing/history.ts";
import { openMetrics } from "./streams/metrics.ts";
import { WAYS } from "./way.ts";

const SPEC = TIER_SPECS.fiveMinutes;
const POINTS = SPEC.blockMs / SPEC.stepMs;
/** Ten minutes after a quarter of a day. */
const NOW = Math.floor(Date.UTC(2026, 10, 26, 12) / SPEC.blockMs) * SPEC.blockMs + 600_000;
const BUCKET = Math.floor(NOW / SPEC.blockMs) - 1;
const INSTANCES = 100;

/** Forty series as they were recorded of a machine at work: around which value, and how far a reading lies from it. */
const SERIES: Readonly<Record<string, readonly [level: number, spread: number]>> = {
  cpu_busy_ratio: [0.5, 0.3],
  cpu_user_ratio: [0.4, 0.3],
  cpu_system_ratio: [0.1, 0.08],
  cpu_iowait_ratio: [0.01, 0.009],
  cpu_steal_ratio: [0.0002, 0.0002],
  memory_total_bytes: [33_554_432_000, 0],
  memory_used_bytes: [9_000_000_000, 800_000_000],
  memory_free_bytes: [21_000_000_000, 800_000_000],
  memory_available_bytes: [23_000_000_000, 800_000_000],
  memory_used_ratio: [0.3, 0.03],
  swap_total_bytes: [0, 0],
  swap_used_ratio: [0, 0],
  load_1m: [2, 1],
  load_5m: [2, 0.5],
  load_15m: [2, 0.2],
  "filesystem_total_bytes:/": [270_553_174_016, 0],
  "filesystem_used_bytes:/": [25_000_000_000, 100_000_000],
  "filesystem_available_bytes:/": [83_000_000_000, 100_000_000],
  "filesystem_used_ratio:/": [0.23, 0.001],
  "filesystem_inodes_used_ratio:/": [0.026, 0.0001],
  "filesystem_read_only:/": [0, 0],
  "disk_read_bytes_per_second:vda": [100_000, 90_000],
  "disk_write_bytes_per_second:vda": [2_000_000, 1_900_000],
  "disk_read_operations_per_second:vda": [10, 9],
  "disk_write_operations_per_second:vda": [1_000, 900],
  "disk_util_ratio:vda": [0.2, 0.15],
  "network_receive_bytes_per_second:eth0": [50, 50],
  "network_transmit_bytes_per_second:eth0": [50, 50],
  "network_receive_packets_per_second:eth0": [0.6, 0.6],
  "network_transmit_packets_per_second:eth0": [0.6, 0.6],
  "network_errors_per_second:eth0": [0, 0],
  "network_drops_per_second:eth0": [0, 0],
  pressure_cpu_full_ratio: [0, 0],
  pressure_memory_some_ratio: [0, 0],
  pressure_io_some_ratio: [0.03, 0.02],
  processes_total: [110, 20],
  processes_running: [4, 4],
  pressure_memory_full_ratio: [0, 0],
  agent_memory_bytes: [101_000_000, 700_000],
  agent_samples_waiting: [0, 0],
};

function pointsOf([level, spread]: readonly [number, number], chance: Chance): Points {
  const mean = Array.from({ length: POINTS }, () => level + (spread / 3) * chance.between(-1, 1));
  // As an agent reads them: of so many digits, and no finer.
  const step = level < 1 ? 1e-5 : level < 10 ? 0.01 : level < 1e8 ? 1 : 4096;
  const rounded = (value: number) => Math.max(0, Number((Math.round(value / step) * step).toFixed(5)));
  return {
    count: mean.map(() => 10),
    mean,
    min: mean.map((value) => rounded(value - spread * chance.between(0.3, 0.6))),
    max: mean.map((value) => rounded(value + spread * chance.between(0.3, 1))),
  };
}

beforeAll(async () => {
  const chance = new Chance();
  const at = Array.from({ length: POINTS }, (_, point) => BUCKET * SPEC.blockMs + point * SPEC.stepMs);
  const samples = at.map(() => 10);
  for (let first = 0; first < INSTANCES; first += 10) {
    const blocks = Array.from({ length: 10 }, (_, place) => {
      const series = Object.entries(SERIES).map(([key, shape]) => [packKey(key), pointsOf(shape, chance)] as const);
      const packed = packPoints({ at, samples, series: new Map(series) });
      return { instanceId: `i-${first + place}`, bucket: BUCKET, tier: SPEC, versionRead: 0, covers: [], ...packed };
    });
    for (const { instanceId } of blocks) await knowInstance(instanceId);
    expect(await writeBlocks(db, blocks)).toHaveLength(10);
  }
});

/** Rows of each call that it takes to send all readings. */
async function callsBy(way: ExportWay): Promise<number[]> {
  const stream = await openMetrics({ db, now: NOW, exportedAt: "2026-11-26 12:10:00", place: null, doneTo: null });
  const calls: number[] = [];
  for (;;) {
    const batch = WAYS[way](1);
    const next = await stream.next(batch);
    if (!next) return calls;
    next.held();
    calls.push(batch.rows);
  }
}

it("a quarter of a day of a hundred instances with forty series each is one call by Snowpipe", async () => {
  const { total } = (await env.DB.prepare("SELECT count(*) AS total FROM block WHERE tier = 1").first<{
    total: number;
  }>())!;
  expect([total, Object.keys(SERIES).length]).toEqual([INSTANCES, 40]);
  expect(await callsBy("streaming")).toEqual([INSTANCES * 40 * POINTS]);
});

it("by MERGE it is as many as its bound makes it, and no reading is left out or sent twice", async () => {
  const calls = await callsBy("merge");
  expect(calls.length).toBeGreaterThan(5);
  expect(calls.reduce((sum, rows) => sum + rows, 0)).toBe(INSTANCES * 40 * POINTS);
});
