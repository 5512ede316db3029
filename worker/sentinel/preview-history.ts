import type { ConditionOf } from "../../contract/rules.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { Tier } from "../../contract/series.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Subject } from "../alerts/evaluation.ts";
import { measureOf, rebootReading } from "../alerts/measure.ts";
import { verdictPoints, type HistoryPoint } from "../alerts/preview.ts";
import type { RuleRow } from "../alerts/table.ts";
import { verdictsOfChecks } from "../checks/verdict-history.ts";
import type { Database } from "../db/client.ts";
import { verdictsOfInstances } from "../instances/verdict-history.ts";
import type { Window } from "../series/window.ts";

/** What a rule would have read in the past. */
export interface History {
  subject: Subject;
  points: Iterable<HistoryPoint>;
}

export interface Span {
  from: EpochMs;
  to: EpochMs;
}

/** Rules that read a series. */
export type SeriesRule = RuleRow & { condition: ConditionOf<"metric" | "change" | "reboot"> };

/** Changes of verdicts that are read: more would be told of a fleet that does nothing else. */
const VERDICTS_MAX = 5_000;
export const VERDICT_STEP_MS: DurationMs = 300_000;

/** Of which tier the points are that a rule is to be held against, where it reaches back so far. */
export function tierOf({ condition, holdMs }: SeriesRule): Exclude<Tier, "raw"> {
  // What must last for hours is told by hours; only levels are: a change or a restart within an hour is lost in its mean.
  return condition.kind === "metric" && holdMs >= 3_600_000 ? "hour" : "fiveMinutes";
}

export function keyOf({ condition }: SeriesRule): SeriesKey {
  return condition.kind === "reboot" ? "uptime_seconds" : condition.metric;
}

/** What the rule would have read at each point. `stepMs`: what one stands for. */
export function readingsOf(
  { condition, holdMs }: SeriesRule,
  { firstSeenAt }: Subject,
  { at, points: [points] }: Window,
  stepMs: DurationMs,
): HistoryPoint[] {
  const { mean, min, max } = points!;
  const of = (values: readonly (number | null)[]) => at.map((time, row) => ({ at: time, value: values[row] ?? null }));
  switch (condition.kind) {
    case "metric":
      // What need not last fires with its worst reading; what must last is told best by the mean of each step.
      if (holdMs >= stepMs) return of(mean);
      return of(condition.direction === "above" ? max : min);
    case "change":
      return changesOver(of(mean), condition, stepMs);
    case "reboot": {
      // The last reading of a step may be as old as the step is long.
      const looked = { ...condition, forMs: Math.max(condition.forMs, stepMs) };
      return of(mean).map(({ at: time, value }) => ({
        at: time,
        value: value === null ? null : rebootReading(looked, { at: time, uptimeSeconds: value }, firstSeenAt),
      }));
    }
  }
}

/** The lowest and highest of what was read; of nothing the lowest is above the highest. */
export interface Extent {
  lowest: number;
  highest: number;
}

/** Whether what lies between these can have fired at all, in steps of `stepMs`. It never says no where it has. */
export function mightFire(rule: SeriesRule, { lowest, highest }: Extent, stepMs: DurationMs): boolean {
  const { condition } = rule;
  if (lowest > highest) return false;
  if (condition.kind === "reboot") return lowest * 1_000 < Math.max(condition.forMs, stepMs);
  const { warning, critical, isHighBad } = measureOf(rule, undefined, 0);
  const reached = condition.kind === "change" ? highest - lowest : isHighBad ? highest : lowest;
  return [warning, critical].some(
    (threshold) => threshold !== null && (isHighBad ? reached >= threshold : reached <= threshold),
  );
}

/** By how much each is above or below the one so long before; null where nothing was read then. */
function changesOver(
  points: readonly HistoryPoint[],
  { overMs, direction }: ConditionOf<"change">,
  stepMs: DurationMs,
): HistoryPoint[] {
  const known = points.filter(({ value }) => value !== null) as { at: EpochMs; value: number }[];
  const slack = Math.max(stepMs, overMs / 4);
  let then = 0;
  return known.map(({ at, value }, index) => {
    while (then < index && known[then + 1]!.at <= at - overMs) then++;
    const before = known[then]!;
    const isThen = before.at <= at - overMs && at - overMs - before.at <= slack;
    if (!isThen) return { at, value: null };
    return { at, value: direction === "rises" ? value - before.value : before.value - value };
  });
}

/** Whoever was never degraded or down has no points: there is nothing to go through. Whose changes were too many to read is left out. */
export async function verdictHistories(
  db: Database,
  condition: ConditionOf<"verdict">,
  subjects: readonly Subject[],
  { from, to }: Span,
): Promise<History[]> {
  const verdictsOf = condition.of === "check" ? verdictsOfChecks : verdictsOfInstances;
  const ids = subjects.map(({ id }) => id);
  const all = await verdictsOf(db, ids, from, VERDICTS_MAX);
  const read = [...all.values()].reduce((sum, { length }) => sum + length, 0);
  // They come by subject: of the last of them not all may be there, and of those behind it nothing is.
  const cutAt = read < VERDICTS_MAX ? undefined : [...all.keys()].at(-1)!;
  return subjects
    .filter(({ id }) => cutAt === undefined || id < cutAt)
    .map((subject) => {
      const changes = all.get(subject.id) ?? [];
      const wasBad = changes.some(({ verdict }) => verdict === "degraded" || verdict === "down");
      return { subject, points: wasBad ? verdictPoints(changes, from, to, VERDICT_STEP_MS) : [] };
    });
}
