import { definitionOf, metricOf, type SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { emptyPoints, startOf } from "./roll.ts";
import type { Points } from "./block/points.ts";

/**
 * A window as it was read: times ascending, and for each key its points. Of single samples lowest, mean and highest are the same
 * array, so nothing is kept thrice.
 */
export interface Window {
  from: EpochMs;
  to: EpochMs;
  keys: readonly SeriesKey[];
  /** What one point spans; 0 where every point is a sample. */
  stepMs: DurationMs;
  at: readonly EpochMs[];
  points: readonly Points[];
}

/** Points of the same steps as one: weighed by how many readings each stands for. `at` need not be in order. */
export function mergeSteps(window: Window, stepMs: DurationMs): Window {
  const from = stepMs % 60_000 === 0 ? 0 : window.from;
  const steps = window.at.map((at) => startOf(at - from, stepMs) + from);
  const at = [...new Set(steps)].sort((a, b) => a - b);
  const rowOf = new Map(at.map((step, row) => [step, row]));
  const target = steps.map((step) => rowOf.get(step)!);
  const order = window.at.map((_, row) => row).sort((a, b) => window.at[a]! - window.at[b]!);
  const points = window.points.map((source, index) => {
    const isCounter = definitionOf(metricOf(window.keys[index]!))?.isCounter === true;
    const merged = emptyPoints(at.length);
    for (const row of order) addPoint(merged, target[row]!, source, row, isCounter);
    return merged;
  });
  return { ...window, stepMs, at, points };
}

function addPoint(into: Points, at: number, source: Points, row: number, isCounter: boolean): void {
  const mean = source.mean[row];
  if (mean === null || mean === undefined) return;
  const added = source.count[row] ?? 1;
  const before = into.count[at] ?? 0;
  into.count[at] = before + added;
  const soFar = into.mean[at];
  into.mean[at] = isCounter || soFar === null ? mean : soFar! + (mean - soFar!) * (added / (before + added));
  into.min[at] = Math.min(into.min[at] ?? Infinity, source.min[row]!);
  into.max[at] = Math.max(into.max[at] ?? -Infinity, source.max[row]!);
}
