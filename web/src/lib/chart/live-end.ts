import type { Readings, SeriesKey } from "../../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { isCounter } from "./chart-spec.ts";
import type { ChartData } from "./columns.ts";

/**
 * Points a window may get from live samples. Readings come every second and a page is open for days: beyond this they share
 * points, which no screen could tell apart.
 */
const LIVE_POINTS_MAX = 4_000;

export interface LiveEndOptions {
  /** Width of one point where samples were merged; 0 where every point is a sample. */
  stepMs: DurationMs;
  windowMs: DurationMs;
  /** Up to when the history that was loaded reaches. */
  to: EpochMs;
  /** Nothing new for longer than this is a gap. */
  pauseMs: DurationMs;
}

/**
 * The end of a chart's data, where live samples come in. A sample within the step of the last point becomes part of it: the
 * mean is weighed by time, so that a minute of readings every second counts no more than a minute of one. A later sample
 * begins a point of its own, a step or more after the last.
 */
export class LiveEnd {
  #data: ChartData;
  /** `coveredMs`: the time the mean of the last point stands for. */
  #lines: { key: SeriesKey; isCounter: boolean; coveredMs: DurationMs }[];
  #isMerged: boolean;
  #stepMs: DurationMs;
  #pauseMs: DurationMs;
  /** A sample says nothing of the silence before it. */
  #countsAtMostMs: DurationMs;
  /** The last moment that is part of the data. */
  #until: EpochMs;

  constructor(data: ChartData, keys: readonly SeriesKey[], { stepMs, windowMs, to, pauseMs }: LiveEndOptions) {
    this.#data = data;
    this.#isMerged = stepMs > 0;
    this.#stepMs = Math.max(stepMs, windowMs / LIVE_POINTS_MAX);
    // A merged point stands for a whole step, so the next sample may rightly come that much later.
    this.#pauseMs = Math.max(pauseMs, 2 * stepMs);
    this.#countsAtMostMs = Math.max(1, pauseMs);
    const lastAt = data.at.at(-1) ?? -Infinity;
    this.#until = Math.max(lastAt, Math.min(to, lastAt + stepMs));
    const coveredMs = this.#isMerged && data.at.length > 0 ? this.#until - lastAt : this.#sinceLast();
    this.#lines = keys.map((key) => ({ key, isCounter: isCounter(key), coveredMs }));
  }

  /** Takes a sample in. `known`: it is in the data already. */
  add(at: EpochMs, metrics: Readings): "added" | "folded" | "known" {
    if (at <= this.#until) return "known";
    const spanMs = Math.min(at - this.#until, this.#countsAtMostMs);
    const hasPaused = at - this.#until > this.#pauseMs;
    const lastAt = this.#data.at.at(-1);
    this.#until = at;
    if (lastAt !== undefined && !hasPaused && at - lastAt < this.#stepMs) {
      this.#fold(metrics, spanMs);
      return "folded";
    }
    if (lastAt !== undefined && hasPaused) this.#push(lastAt + 1, {}, 0);
    this.#push(this.#startOf(at, lastAt), metrics, spanMs);
    return "added";
  }

  /** Merged points stand where their step begins, on the grid the history came in; samples stand where they were taken. */
  #startOf(at: EpochMs, lastAt: EpochMs | undefined): EpochMs {
    if (!this.#isMerged || lastAt === undefined) return at;
    return lastAt + Math.floor((at - lastAt) / this.#stepMs) * this.#stepMs;
  }

  #fold(metrics: Readings, spanMs: DurationMs): void {
    this.#lines.forEach((line, index) => {
      const value = metrics[line.key];
      if (value === undefined) return;
      const { mean, min, max } = this.#data.lines[index]!;
      const row = mean.length - 1;
      const before = mean[row];
      if (before === null || before === undefined) {
        mean[row] = min[row] = max[row] = value;
        line.coveredMs = spanMs;
        return;
      }
      line.coveredMs += spanMs;
      mean[row] = line.isCounter ? value : before + (value - before) * (spanMs / line.coveredMs);
      min[row] = Math.min(min[row] ?? before, value);
      max[row] = Math.max(max[row] ?? before, value);
    });
  }

  #push(at: EpochMs, metrics: Readings, spanMs: DurationMs): void {
    this.#data.at.push(at);
    this.#lines.forEach((line, index) => {
      const value = metrics[line.key] ?? null;
      for (const column of Object.values(this.#data.lines[index]!)) column.push(value);
      line.coveredMs = value === null ? 0 : spanMs;
    });
  }

  /** What a single sample stands for: the time since the one before. */
  #sinceLast(): DurationMs {
    const [before, last] = this.#data.at.slice(-2);
    return before === undefined || last === undefined ? 0 : Math.min(last - before, this.#countsAtMostMs);
  }
}
