import type { Severity } from "../../contract/rule-kinds.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { verdictReading } from "./measure.ts";
import { step, type Measure, type RuleState } from "./rule-state.ts";

/** When a rule would have fired, by running it over what was measured. */

export interface HistoryPoint {
  at: EpochMs;
  /** Null: nothing was read then. */
  value: number | null;
}

export interface PastFiring {
  /** The worst that was reached. */
  severity: Severity;
  from: EpochMs;
  /** Null: it would fire now. */
  to: EpochMs | null;
  worst: number;
}

/** Oldest first. Points are in order of time. A gap is judged by its length, as in life: `measure.gapMs` must suit how close the points are. */
export function firingsOf(points: Iterable<HistoryPoint>, measure: Measure): PastFiring[] {
  const firings: PastFiring[] = [];
  let state: RuleState | undefined;
  for (const { at, value } of points) {
    if (value === null) continue;
    const next = step(state, { at, value }, measure);
    state = next.state;
    if (next.transition === "fire") firings.push({ severity: state.severity!, from: at, to: null, worst: value });
    const open = firings.at(-1);
    if (next.transition === "resolve") open!.to = at;
    if (next.transition === "worsen") open!.severity = "critical";
    if (state.worst !== null) open!.worst = state.worst;
  }
  return firings;
}

/**
 * A verdict as points: every `stepMs`, and whenever it changed, as it is written down only then. `changes` are in order of time, and those
 * before `from` tell what was true at its beginning; before the first of all nothing is known, and while nobody could tell neither.
 */
export function* verdictPoints(
  changes: readonly { at: EpochMs; verdict: Verdict | null }[],
  from: EpochMs,
  to: EpochMs,
  stepMs: DurationMs,
): Generator<HistoryPoint> {
  let next = 0;
  let value: number | null = null;
  for (let at = from; at <= to;) {
    for (; next < changes.length && changes[next]!.at <= at; next++) {
      const { verdict } = changes[next]!;
      value = verdict === null ? null : verdictReading({ verdict });
    }
    yield { at, value };
    const stepAt = from + (Math.floor((at - from) / stepMs) + 1) * stepMs;
    at = Math.min(stepAt, changes[next]?.at ?? Infinity);
  }
}
