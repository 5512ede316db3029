import type { DurationMs } from "../contract/units.ts";

/** The second sample follows the first by this much, so that rates show at once. */
const SECOND_TICK_MS: DurationMs = 2_000;
/** Machines started together do not report in the same instant. */
const PHASE_MAX_MS: DurationMs = 10_000;

/** When ticks are due, on the monotonic clock: at once, after about 2 s, then every interval from a chance beginning. */
export interface Schedule {
  startedMs: number;
  anchorMs: number;
  intervalMs: DurationMs;
}

export function scheduleFrom(startedMs: number, intervalMs: DurationMs, random: number): Schedule {
  return { startedMs, intervalMs, anchorMs: startedMs + random * Math.min(intervalMs, PHASE_MAX_MS) };
}

/**
 * The first due moment after now. What was missed, while the machine slept or a tick took long, is not made up for: the past
 * cannot be measured any more, and a burst of samples would say nothing.
 */
export function nextTickMs({ startedMs, anchorMs, intervalMs }: Schedule, nowMs: number): number {
  const secondMs = startedMs + SECOND_TICK_MS;
  const hasSecond = intervalMs > SECOND_TICK_MS && nowMs < secondMs;
  if (hasSecond) return secondMs;
  // At least half an interval after the second one: two samples in a row so soon would be noise.
  const earliestMs = intervalMs > SECOND_TICK_MS ? Math.max(nowMs, secondMs + intervalMs / 2) : nowMs;
  return anchorMs + (Math.floor((earliestMs - anchorMs) / intervalMs) + 1) * intervalMs;
}
