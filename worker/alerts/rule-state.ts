import type { Severity } from "../../contract/rule-kinds.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";

/** One rule held against one subject: ok → pending → firing → recovering, on the time of the readings. Reads no clock. */

export interface Measure {
  warning: number | null;
  critical: number | null;
  /** Null: the milder of the two thresholds. */
  recovery: number | null;
  /** More of it is worse. */
  isHighBad: boolean;
  holdMs: DurationMs;
  keepFiringMs: DurationMs;
  /** A pause longer than this between two readings: nobody knows what was meanwhile, and whatever had to last begins anew. */
  gapMs: DurationMs;
}

/** Numbers and null only: it may be kept as JSON. */
export interface RuleState {
  phase: "ok" | "pending" | "firing" | "recovering";
  /** While pending how bad the reading is, from then on how bad it is told to be; null while ok. */
  severity: Severity | null;
  /** Of the phase. */
  since: EpochMs;
  /** Since when every reading was past the threshold. What is critical is past both. */
  warningSince: EpochMs | null;
  criticalSince: EpochMs | null;
  /** Since when every reading was past the recovery threshold; only while recovering. */
  wellSince: EpochMs | null;
  /** Since when none was critical any more; only while it is told to be. */
  easedSince: EpochMs | null;
  lastAt: EpochMs;
  value: number;
  /** The worst reading since it fired, that one included; null before. */
  worst: number | null;
}

export type Transition = "fire" | "worsen" | "ease" | "resolve";

export interface Step {
  state: RuleState;
  transition: Transition | null;
}

/**
 * What a reading, a finite number, makes of a state. One that is not newer than the last changes nothing: the very same state comes back.
 * A state that is ok and stays so is changed in place (`lastAt`, `value`), as nearly all readings are of that sort; all others are left as they are.
 *
 * - A severity fires when its threshold was broken for `holdMs` without a gap; a breach that is over before is forgotten.
 * - A warning becomes critical in the same way. It eases when none was critical for `keepFiringMs` and it is not well yet, where there is a warning to ease to.
 * - It is over when it was well for `keepFiringMs` without a gap. Who falls back before fires on, which is no transition.
 */
export function step(
  before: RuleState | undefined,
  { at, value }: { at: EpochMs; value: number },
  measure: Measure,
): Step {
  if (before && at <= before.lastAt) return { state: before, transition: null };
  const breach = breachOf(value, measure);
  const isTold = before !== undefined && (before.phase === "firing" || before.phase === "recovering");
  if (breach === null && !isTold) {
    if (before?.phase !== "ok") return { state: okState(at, value), transition: null };
    before.lastAt = at;
    before.value = value;
    return { state: before, transition: null };
  }
  const isGap = before !== undefined && at - before.lastAt > measure.gapMs;
  const unbroken = isGap ? undefined : before;
  const warningSince = breach !== null && measure.warning !== null ? (unbroken?.warningSince ?? at) : null;
  const criticalSince = breach === "critical" ? (unbroken?.criticalSince ?? at) : null;
  const runs = { warningSince, criticalSince, lastAt: at, value };
  return isTold ? whileTold(before, unbroken, runs, measure) : beforeTold(unbroken, runs, breach, measure);
}

/** Of a shard that has just begun and finds it open in the database. */
export function firingState(severity: Severity, at: EpochMs, value: number): RuleState {
  return {
    phase: "firing",
    severity,
    since: at,
    warningSince: at,
    criticalSince: severity === "critical" ? at : null,
    wellSince: null,
    easedSince: null,
    lastAt: at,
    value,
    worst: value,
  };
}

/** What fires, as of another moment: nothing that was timed before it counts. */
export function firingAnew(state: RuleState, at: EpochMs): RuleState {
  return {
    ...firingState(state.severity ?? "warning", at, state.value),
    since: Math.min(state.since, at),
    worst: state.worst,
  };
}

/** Null: within both thresholds. Who stands on one has reached it. */
export function breachOf(value: number, { warning, critical, isHighBad }: Measure): Severity | null {
  if (critical !== null && (isHighBad ? value >= critical : value <= critical)) return "critical";
  if (warning !== null && (isHighBad ? value >= warning : value <= warning)) return "warning";
  return null;
}

/** It has come back as far as the recovery threshold; where there is none, it is not in breach. */
export function isRecovered(value: number, measure: Measure): boolean {
  const { recovery, isHighBad } = measure;
  if (breachOf(value, measure) !== null) return false;
  return recovery === null || (isHighBad ? value <= recovery : value >= recovery);
}

/** Nothing but the last reading differs: there is nothing that would have to be kept. */
export function isSameStanding(a: RuleState, b: RuleState): boolean {
  return (
    a === b ||
    (a.phase === b.phase &&
      a.severity === b.severity &&
      a.since === b.since &&
      a.warningSince === b.warningSince &&
      a.criticalSince === b.criticalSince &&
      a.wellSince === b.wellSince &&
      a.easedSince === b.easedSince)
  );
}

export function okState(at: EpochMs, value: number): RuleState {
  return {
    phase: "ok",
    severity: null,
    since: at,
    warningSince: null,
    criticalSince: null,
    wellSince: null,
    easedSince: null,
    lastAt: at,
    value,
    worst: null,
  };
}

type Runs = Pick<RuleState, "warningSince" | "criticalSince" | "lastAt" | "value">;

function beforeTold(unbroken: RuleState | undefined, runs: Runs, breach: Severity | null, { holdMs }: Measure): Step {
  const { warningSince, criticalSince, lastAt: at, value } = runs;
  const ready = lasts(criticalSince, at, holdMs) ? "critical" : lasts(warningSince, at, holdMs) ? "warning" : null;
  const rest = { ...runs, wellSince: null, easedSince: null };
  if (ready !== null)
    return { state: { phase: "firing", severity: ready, since: at, ...rest, worst: value }, transition: "fire" };
  const since = unbroken?.phase === "pending" ? unbroken.since : at;
  return { state: { phase: "pending", severity: breach, since, ...rest, worst: null }, transition: null };
}

function whileTold(before: RuleState, unbroken: RuleState | undefined, runs: Runs, measure: Measure): Step {
  const { criticalSince, lastAt: at, value } = runs;
  const { holdMs, keepFiringMs, isHighBad } = measure;
  const isWell = isRecovered(value, measure);
  const wellSince = isWell ? (unbroken?.wellSince ?? at) : null;
  if (lasts(wellSince, at, keepFiringMs)) return { state: okState(at, value), transition: "resolve" };

  const easedSince = before.severity === "critical" && criticalSince === null ? (unbroken?.easedSince ?? at) : null;
  const worsens = before.severity === "warning" && lasts(criticalSince, at, holdMs);
  const eases = !isWell && measure.warning !== null && lasts(easedSince, at, keepFiringMs);
  const phase = isWell ? "recovering" : "firing";
  const worst = before.worst ?? value;
  const state: RuleState = {
    phase,
    severity: worsens ? "critical" : eases ? "warning" : before.severity,
    since: phase === before.phase ? before.since : at,
    ...runs,
    wellSince,
    easedSince: eases ? null : easedSince,
    worst: isHighBad ? Math.max(worst, value) : Math.min(worst, value),
  };
  return { state, transition: worsens ? "worsen" : eases ? "ease" : null };
}

function lasts(since: EpochMs | null, at: EpochMs, forMs: DurationMs): boolean {
  return since !== null && at - since >= forMs;
}
