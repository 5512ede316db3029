import type { RegionResult } from "../../contract/checks.ts";
import type { Region } from "../../contract/regions.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { ProbeResult, RegionReport } from "./probe.ts";

/** What came of one region's attempt at one check. */
export interface Answer {
  region: Region;
  /** When the region was heard, or was given up. */
  at: EpochMs;
  /** Null: the region's prober did not answer, or not for this check. */
  result: ProbeResult | null;
  isBlind: boolean;
}

/** One call of a region's prober: what it was to look at, and what it said. */
export interface Call {
  region: Region;
  at: EpochMs;
  checkIds: readonly string[];
  /** Null: the call failed. */
  report: RegionReport | null;
}

/** Sorts a call's results to their checks. Of two answers from one region the first counts: asking again in one place is no second opinion. */
export function collect(rounds: Map<string, Answer[]>, { region, at, checkIds, report }: Call): void {
  const results = new Map(report?.results.map((result) => [result.checkId, result]));
  for (const checkId of checkIds) {
    const answers = rounds.get(checkId) ?? [];
    if (answers.some((answer) => answer.region === region)) continue;
    const result = results.get(checkId) ?? null;
    answers.push({ region, at: report?.at ?? at, result, isBlind: report?.isBlind ?? false });
    rounds.set(checkId, answers);
  }
}

/** `unable` says nothing of the target. `forbidden` neither, and no other region may ask it either. */
export type Heard = "good" | "failed" | "unable" | "forbidden";

export function heardOf({ result, isBlind }: Answer): Heard {
  if (!result || isBlind || result.kind === "unable") return "unable";
  if (result.kind !== "failed") return "good";
  return result.failure === "forbidden" ? "forbidden" : "failed";
}

/** What it said, or why it says nothing. */
export function wordsOf({ result, isBlind }: Answer): string {
  if (!result) return "our prober did not answer";
  return isBlind ? "our own network was away" : result.words;
}

/** Null where nothing came back, or where it says nothing. */
export function responseMsOf(answer: Answer): DurationMs | null {
  return answer.result && "phases" in answer.result && heardOf(answer) === "good" ? answer.result.phases.totalMs : null;
}

/** A round as it is shown. */
export function shownResults(answers: readonly Answer[], { slowMs }: { slowMs: DurationMs }): RegionResult[] {
  return answers.map((answer) => ({
    region: answer.region,
    outcome: outcomeOf(answer, slowMs),
    responseMs: responseMsOf(answer),
    words: wordsOf(answer) + phasesOf(answer),
  }));
}

/** Where the time went, as far as the platform tells it apart: with a connection of our own more than with `fetch`. */
function phasesOf(answer: Answer): string {
  if (heardOf(answer) !== "good" || !answer.result || !("phases" in answer.result)) return "";
  const { connectMs, firstByteMs, totalMs } = answer.result.phases;
  const parts = [
    connectMs !== null && connectMs < totalMs && `connected after ${Math.round(connectMs)} ms`,
    firstByteMs !== null && firstByteMs < totalMs && `first byte after ${Math.round(firstByteMs)} ms`,
  ].filter(Boolean);
  return parts.length > 0 ? `; ${parts.join(", ")}` : "";
}

function outcomeOf(answer: Answer, slowMs: DurationMs): RegionResult["outcome"] {
  const heard = heardOf(answer);
  if (heard === "failed") return "failed";
  if (heard !== "good") return "unknown";
  return (responseMsOf(answer) ?? 0) >= slowMs ? "slow" : "ok";
}
