import type { Region } from "../../contract/regions.ts";
import type { Heard } from "./round.ts";

/** Regions asked beyond the chosen ones: two settle any vote, and two more stand in for regions that cannot see. */
export const MORE_REGIONS_MAX = 4;

/**
 * Which regions must be asked, beside those that were heard, before a verdict can be given; none where one can be given, or where no
 * more are asked. A failure is held against another region at once, never against the same place again. As few as can settle it: a
 * target that is really away is confirmed by the first.
 */
export function regionsToConfirm(
  chosen: readonly Region[],
  heard: ReadonlyMap<Region, Heard>,
  all: readonly Region[],
): Region[] {
  const left = Math.min(neededBy([...heard.values()]), chosen.length + MORE_REGIONS_MAX - heard.size);
  return [...new Set([...chosen, ...all])].filter((region) => !heard.has(region)).slice(0, Math.max(0, left));
}

function neededBy(heard: readonly Heard[]): number {
  if (heard.includes("forbidden")) return 0;
  const failed = heard.filter((one) => one === "failed").length;
  const good = heard.filter((one) => one === "good").length;
  // Nobody could look: one that fails would need a second at once.
  if (failed + good === 0) return 2;
  const isSettled = failed < good || (failed > good && failed >= 2);
  return isSettled ? 0 : 1;
}
