import type { PackedBlock } from "../worker/series/block/directory.ts";
import { packPoints, type PointColumns, type Points } from "../worker/series/block/points.ts";
import { packSamples, SampleColumns } from "../worker/series/block/samples.ts";
import { roll } from "../worker/series/roll.ts";
import { HOURS_PER_ROLL, TIER_SPECS, type TierSpec } from "../worker/series/tiers.ts";
import { endlessReadings, historyOf, readRecording, recordedSamples, type RecordedSample } from "./recording.ts";

const FIELDS = ["count", "mean", "min", "max"] as const;

/** A block as a row of the table `block` holds it, but for whose it is. */
export interface MadeBlock extends PackedBlock {
  tier: number;
  bucket: number;
  covers: number[] | null;
}

/** History out of a recording, for any bucket of any tier, made by the Worker's own encoders. */
export class RecordedHistory {
  readonly intervalMs: number;
  readonly agents: RecordedSample[][];
  /** One pass through the recording as points of each tier, from time 0. */
  readonly #points = new Map<number, PointColumns>();

  constructor(recording = readRecording()) {
    this.intervalMs = recording.intervalMs;
    this.agents = recordedSamples(recording);
  }

  /** So many samples at the recording's interval, from this moment on, of the readings that begin with the `first`-th agent's. */
  samples(count: number, from: number, first: number): RecordedSample[] {
    const readings = endlessReadings(this.agents, first);
    return Array.from({ length: count }, (_, index) => ({
      // No timer is exact.
      at: from + index * this.intervalMs + ((index * 7) % 5),
      metrics: readings.next().value as RecordedSample["metrics"],
    }));
  }

  rawBlock(bucket: number, first = 0): MadeBlock {
    const { blockMs, number } = TIER_SPECS.raw;
    const samples = this.samples(blockMs / this.intervalMs, bucket * blockMs, first);
    return { tier: number, bucket, covers: null, ...packSamples(columnsOf(samples)) };
  }

  pointBlock(spec: TierSpec, bucket: number): MadeBlock {
    const perHour = TIER_SPECS.raw.blockMs / this.intervalMs;
    const covers = spec === TIER_SPECS.fiveMinutes ? Array<number>(HOURS_PER_ROLL).fill(perHour) : null;
    return { tier: spec.number, bucket, covers, ...packPoints(this.points(spec, bucket)) };
  }

  /** The points of one block; the recording's, again and again. */
  points(spec: TierSpec, bucket: number): PointColumns {
    const source = this.#rolled(spec);
    const count = spec.blockMs / spec.stepMs;
    const rows = Array.from({ length: count }, (_, row) => (bucket * count + row) % source.at.length);
    const pick = (points: Points): Points =>
      Object.fromEntries(FIELDS.map((field) => [field, rows.map((row) => points[field][row]!)])) as unknown as Points;
    return {
      at: rows.map((_, row) => bucket * spec.blockMs + row * spec.stepMs),
      samples: rows.map((row) => source.samples[row]!),
      series: new Map([...source.series].map(([key, points]) => [key, pick(points)])),
    };
  }

  #rolled(spec: TierSpec): PointColumns {
    let rolled = this.#points.get(spec.number);
    if (!rolled) {
      const perStep = spec.stepMs / this.intervalMs;
      const recorded = this.agents.reduce((sum, samples) => sum + samples.length, 0);
      const whole = Math.max(perStep, Math.floor(recorded / perStep) * perStep);
      rolled = roll(columnsOf(this.samples(whole, 0, 0)), spec.stepMs);
      this.#points.set(spec.number, rolled);
    }
    return rolled;
  }
}

export function columnsOf(samples: readonly RecordedSample[]): SampleColumns {
  const columns = new SampleColumns();
  columns.merge(historyOf(samples));
  return columns;
}

/** Readings in it: what is stored, times and numbers of samples aside. */
export function readingsIn({ series }: SampleColumns): number {
  let count = 0;
  for (const column of series.values()) for (const value of column) if (value !== null) count++;
  return count;
}
