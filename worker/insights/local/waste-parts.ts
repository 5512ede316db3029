import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Finding, Machine } from "../engine.ts";
import { nounOf } from "../words/metric-noun.ts";
import { sentence } from "../words/names.ts";
import { moneyInWords, readingInWords } from "../words/quantity.ts";
import type { EvidenceList } from "./evidence-list.ts";
import type { Weighed } from "./few.ts";
import type { Used } from "./use-of.ts";

/** What all findings of waste have in common. */

const DAY: DurationMs = 86_400_000;
/** What was not used for so long is not needed. */
export const OVER_MS: DurationMs = 14 * DAY;
/** A share of the time that must have been heard. */
export const HEARD_MIN = 0.9;
export const WASTE_LASTS_MS: DurationMs = 2 * DAY;

type Parts = Pick<
  Finding,
  "title" | "claims" | "actions" | "metrics" | "basis" | "evidence" | "chart" | "monthlySaving"
>;

/** A finding about one machine; `weight` 1 where all of its price is wasted. */
export function weighed(machine: Machine, what: string, parts: Parts, weight: number): Weighed {
  return {
    // Of two machines that do nothing, the dearer one is of more use to know.
    weight: weight * (1 + Math.log1p(Math.max(0, machine.monthlyCost?.amount ?? 0))),
    finding: {
      key: `waste ${what} ${machine.id}`,
      ...empty(),
      severity: "info",
      subjects: [{ id: machine.id, name: machine.name }],
      lastsMs: WASTE_LASTS_MS,
      ...parts,
    },
  };
}

/** What a finding of waste has nothing of. */
export function empty() {
  return { kind: "waste" as const, confidence: null, at: null, earliestAt: null, latestAt: null };
}

export function usedWords(machine: Machine, metric: string, { most, middle }: Used): string {
  return `${sentence(nounOf(metric))} of ${machine.name} over 14 days: ${readingInWords(metric, middle)} in the middle, at most ${readingInWords(metric, most)} in 19 of 20 hours.`;
}

export function said(machine: Machine, metric: string, { most }: Used, now: EpochMs) {
  return { machine, metric, value: most, from: now - OVER_MS, to: now };
}

export function costOf(evidence: EvidenceList, machine: Machine): { id: string; words: string } | null {
  if (machine.monthlyCost === null) return null;
  const words = moneyInWords(machine.monthlyCost);
  return {
    words,
    id: evidence.add(`${machine.name} costs ${words} a month.`, { machine, value: machine.monthlyCost.amount }),
  };
}

export function chartOf(machine: Machine, metrics: string[], now: EpochMs): Finding["chart"] {
  return { subjects: [machine.id], metrics, from: now - OVER_MS, to: now, limit: null, band: null, spans: [] };
}
