import type { EpochMs } from "../../contract/units.ts";
import type { Judgement } from "../../contract/verdict.ts";
import { withoutFigures } from "./words.ts";

/** What was found of a check or an instance, before it is known since when. */
export type Finding = Omit<Judgement, "since">;

/**
 * Whether nothing happened between two findings that is worth a written row. Figures in a reason move all the time (how long, how slow,
 * how many regions), and witnesses with them; what is up is up for whatever reason.
 */
export function sameJudgement(a: Finding | null, b: Finding | null): boolean {
  if (!a || !b) return a === b;
  return a.verdict === b.verdict && (a.verdict === "up" || withoutFigures(a.reason) === withoutFigures(b.reason));
}

/** A finding as it is kept: it has been so since the verdict became this one. */
export function judgementAfter(
  before: Judgement | null,
  { verdict, reason, witnesses }: Finding,
  now: EpochMs,
): Judgement {
  return { verdict, since: before?.verdict === verdict ? before.since : now, reason, witnesses };
}
