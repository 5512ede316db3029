import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { TICK_EVERY_MS } from "../settings.ts";

/** When a check was last looked at: the beginning of that tick, so that a slow round does not push the next one back. */
export interface Rhythm {
  intervalMs: DurationMs;
  /** Null: never. */
  lastRoundAt: EpochMs | null;
}

/** A tick comes some seconds early or late. An interval of whole ticks goes by the nearest, so that none is missed for a second. */
const NEAREST_TICK_MS: DurationMs = TICK_EVERY_MS / 2;
/** Other intervals go by a grid, and a tick that is early for a line of it is meant for that line. */
const EARLY_MS: DurationMs = 15_000;
/** An alarm may ring a breath early. */
const ALARM_EARLY_MS: DurationMs = 1_000;

/**
 * A clock that was set back would keep a check waiting until it has caught up: such a check is due. Between ticks, where the alarm rings
 * for a check that comes more often, the others keep to their time: nothing is early then.
 */
export function isDue({ intervalMs, lastRoundAt }: Rhythm, now: EpochMs, isTick = true): boolean {
  if (lastRoundAt === null || lastRoundAt > now) return true;
  return now + (isTick ? toleranceOf(intervalMs) : ALARM_EARLY_MS) >= dueAt(intervalMs, lastRoundAt);
}

/** When it is looked at next, give or take a tick. */
export function nextDueAt({ intervalMs, lastRoundAt }: Rhythm, now: EpochMs): EpochMs {
  if (lastRoundAt === null || lastRoundAt > now) return now;
  return Math.max(now, dueAt(intervalMs, lastRoundAt));
}

/**
 * What is not a whole number of ticks is counted from lines on the clock and not from the round before: always the next tick after
 * it, 300 s would become 360, and always the nearest, 240. So they take turns, and a day has as many rounds as it should.
 */
function dueAt(intervalMs: DurationMs, lastRoundAt: EpochMs): EpochMs {
  if (goesByTicks(intervalMs)) return lastRoundAt + intervalMs;
  return (Math.floor((lastRoundAt + EARLY_MS) / intervalMs) + 1) * intervalMs;
}

const goesByTicks = (intervalMs: DurationMs) => intervalMs <= TICK_EVERY_MS || intervalMs % TICK_EVERY_MS === 0;
const toleranceOf = (intervalMs: DurationMs) => (goesByTicks(intervalMs) ? NEAREST_TICK_MS : EARLY_MS);
