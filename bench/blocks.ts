import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { packSamples, unpackSamples, type SampleColumns } from "../worker/series/block/samples.ts";
import { DATABASE_BYTES_MAX } from "../worker/live/thrift.ts";
import { TIER_SPECS, type TierSpec } from "../worker/series/tiers.ts";
import { RETENTION_DAYS } from "../contract/limits.ts";
import { bytesPerInstance, rowBytes } from "./block-bytes.ts";
import { median, round } from "./figures.ts";
import { columnsOf, readingsIn, RecordedHistory } from "./history.ts";

const SAMPLES_PER_HOUR = 120;
const SAMPLES_PER_FLUSH = 20;
const ROUNDS = 25;
const WARM_UP_ROUNDS = 10;

/** What a stored reading takes, and how fast blocks are packed and read: on what real agents recorded, without any database. */
export async function blocks(): Promise<Record<string, number>> {
  const history = new RecordedHistory();
  const hours = chunksOf(history, SAMPLES_PER_HOUR);
  const flushes = chunksOf(history, SAMPLES_PER_FLUSH);
  const count = history.agents.reduce((sum, samples) => sum + samples.length, 0);
  const perSample =
    hours.reduce((sum, one) => sum + readingsIn(one), 0) / hours.reduce((sum, one) => sum + one.count, 0);
  console.error(`${count} samples of ${history.agents.length} agents, ${perSample.toFixed(1)} readings each`);

  const bytesPerValue = storedPerReading(hours);
  say(`raw, ${hours[0]!.count} samples to a block`, bytesPerValue);
  say(`raw, ${SAMPLES_PER_FLUSH} samples to a block`, storedPerReading(flushes));
  for (const level of [6, 9]) say(`gzip -${level} of the same as JSON columns`, zippedPerReading(hours, level));
  sayVictoriaMetrics();
  for (const spec of [TIER_SPECS.fiveMinutes, TIER_SPECS.hour]) sayPoints(history, spec);

  const bytes = bytesPerInstance(history);
  const days = `${RETENTION_DAYS.raw.default} d raw, ${RETENTION_DAYS.fiveMinutes.default} d of 5 min, ${RETENTION_DAYS.hour.default} d of 1 h`;
  console.error(`one instance, all rings full (${days}): ${Math.round(bytes / 1e3)} kB in SQLite's pages`);
  const speeds = speedsOf(hours);
  return {
    bytesPerValue: round(bytesPerValue, 3),
    encodeValuesPerSecond: Math.round(speeds.encode),
    decodeValuesPerSecond: Math.round(speeds.decode),
    bytesPerInstance: Math.round(bytes),
    freeInstancesByStorage: Math.floor(DATABASE_BYTES_MAX.free / bytes),
  };
}

/** Each recording cut into blocks of so many samples; a rest that is shorter only where there is nothing else. */
function chunksOf({ agents }: RecordedHistory, samples: number): SampleColumns[] {
  const all = agents.flatMap((recorded) => {
    const starts = Array.from({ length: Math.ceil(recorded.length / samples) }, (_, index) => index * samples);
    return starts.map((start) => columnsOf(recorded.slice(start, start + samples)));
  });
  const whole = all.filter(({ count }) => count === samples);
  return whole.length > 0 ? whole : all;
}

function storedPerReading(chunks: readonly SampleColumns[]): number {
  const bucket = Math.floor(Date.now() / TIER_SPECS.raw.blockMs);
  const bytes = chunks.map((chunk) => rowBytes({ tier: 0, bucket, covers: null, ...packSamples(chunk) }));
  return sum(bytes) / sum(chunks.map(readingsIn));
}

/** The plain way to keep columns: as JSON, compressed. */
function zippedPerReading(chunks: readonly SampleColumns[], level: number): number {
  const bytes = chunks.map(({ at, stream, seq, series }) => {
    return gzipSync(JSON.stringify({ at, stream, seq, series: Object.fromEntries(series) }), { level }).length;
  });
  return sum(bytes) / sum(chunks.map(readingsIn));
}

function sayPoints(history: RecordedHistory, spec: TierSpec): void {
  const buckets = [0, 1, 2, 3];
  const bytes = sum(buckets.map((bucket) => rowBytes(history.pointBlock(spec, bucket))));
  const points = history.points(spec, 0);
  const perPoint = bytes / (buckets.length * points.at.length * points.series.size);
  console.error(
    `${spec.tier}, ${points.at.length} points of ${points.series.size} series to a block: ${perPoint.toFixed(2)} bytes a point and series (mean, lowest, highest)`,
  );
}

function sayVictoriaMetrics(): void {
  const found = spawnSync("victoria-metrics", ["-version"], { stdio: "ignore" }).error === undefined;
  console.error(
    found
      ? "VictoriaMetrics is here, but this bench does not drive it."
      : "VictoriaMetrics is not installed: not compared.",
  );
}

function speedsOf(chunks: readonly SampleColumns[]): { encode: number; decode: number } {
  const readings = sum(chunks.map(readingsIn));
  const packed = chunks.map(packSamples);
  const timed = (run: () => void): number => {
    const seconds: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const began = performance.now();
      run();
      if (round >= WARM_UP_ROUNDS) seconds.push((performance.now() - began) / 1_000);
    }
    return readings / median(seconds);
  };
  return {
    encode: timed(() => chunks.forEach(packSamples)),
    decode: timed(() => packed.forEach((block) => unpackSamples(block, failed))),
  };
}

function failed(series: string): never {
  throw new Error(`Series ${series} cannot be read back.`);
}

function say(what: string, bytesPerReading: number): void {
  console.error(`${what.padEnd(38)} ${bytesPerReading.toFixed(3)} bytes a reading`);
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
