import type { Check, RegionResult } from "../../../../contract/checks.ts";
import type { Witness } from "../../../../contract/verdict.ts";

const SAYS: Record<RegionResult["outcome"], Witness["says"]> = {
  ok: "up",
  slow: "slow",
  failed: "down",
  unknown: "nothing",
};

/** Who was heard in the last round. The verdict may be older than it: its regions are shown as they were seen last. */
export function witnessesOf(check: Pick<Check, "judgement" | "results" | "lastRoundAt">): Witness[] {
  const at = check.lastRoundAt;
  const others = (check.judgement?.witnesses ?? []).filter(({ kind }) => kind !== "region");
  if (at === null || check.results.length === 0) return check.judgement?.witnesses ?? [];
  const regions = check.results.map(({ region, outcome, words }): Witness => ({
    kind: "region",
    name: region,
    says: SAYS[outcome],
    words,
    at,
  }));
  return [...regions, ...others];
}
