import { metricOf, parseSeriesKey, rangeOf, type SeriesKey } from "../../../contract/metric.ts";
import type { AnomalySpan } from "../../../contract/insights.ts";
import type { Machine, MachineHistory } from "../engine.ts";
import type { EvenSeries } from "./even-series.ts";

/** Steps that a look takes in at most: eleven weeks of five minutes. */
const STEPS_MAX = 22_176;
const MOMENT_MAX = 1_000 * 366 * 86_400_000;

/**
 * A history of which only what can be reckoned with is left: series with a legal key and steps, of them the newest; values out of their
 * metric's range, and those that are no numbers, are gaps; spans that are no spans are left out. A price
 * of nothing, or less, is none.
 */
export function soundHistory(history: MachineHistory): MachineHistory {
  return {
    machine: soundMachine(history.machine),
    hourly: soundSeries(history.hourly),
    fine: soundSeries(history.fine),
    spans: history.spans.filter(isSound),
  };
}

function soundMachine(machine: Machine): Machine {
  const { monthlyCost, bandwidth, cpuCount, memoryBytes, diskBytes, bootAt } = machine;
  const isCounted =
    bandwidth !== null && [bandwidth.usedBytes ?? 0, bandwidth.allowedBytes ?? 0, bandwidth.at].every(Number.isFinite);
  return {
    ...machine,
    cpuCount: more(cpuCount),
    memoryBytes: more(memoryBytes),
    diskBytes: more(diskBytes),
    bootAt: bootAt !== null && isMoment(bootAt) ? bootAt : null,
    monthlyCost: more(monthlyCost?.amount ?? null) === null ? null : monthlyCost,
    bandwidth: isCounted ? bandwidth : null,
  };
}

/** Something, or it is not known. */
function more(amount: number | null): number | null {
  return amount !== null && Number.isFinite(amount) && amount > 0 ? amount : null;
}

/** Within a thousand years of 1970: what can be told as a date. */
function isMoment(at: number): boolean {
  return Number.isSafeInteger(at) && Math.abs(at) < MOMENT_MAX;
}

function soundSeries(given: ReadonlyMap<SeriesKey, EvenSeries>): Map<SeriesKey, EvenSeries> {
  const kept = new Map<SeriesKey, EvenSeries>();
  for (const [key, { from, stepMs, values }] of given) {
    if (!parseSeriesKey(key) || !isMoment(from) || !isMoment(stepMs) || stepMs <= 0) continue;
    const tooMany = Math.max(0, values.length - STEPS_MAX);
    const [min, max] = rangeOf(metricOf(key));
    const sound = values.slice(tooMany);
    let heard = 0;
    for (let place = 0; place < sound.length; place++) {
      const value = sound[place]!;
      // Also false of NaN.
      if (value >= min && value <= max) heard++;
      else sound[place] = NaN;
    }
    if (heard > 0) kept.set(key, { from: from + tooMany * stepMs, stepMs, values: sound });
  }
  return kept;
}

function isSound({ metric, from, to, peakAt, value, usualLow, usualHigh, score }: AnomalySpan): boolean {
  const numbers = [value, usualLow ?? 0, usualHigh ?? 0, score];
  const isOfTime = [from, to, peakAt].every((at) => Math.abs(at) < MOMENT_MAX) && to >= from;
  return parseSeriesKey(metric) !== undefined && isOfTime && numbers.every(Number.isFinite);
}
