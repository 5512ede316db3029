import type { CheckEntry, RegionResult } from "../../../../contract/checks.ts";
import { REGION_NAMES, REGIONS, type Region } from "../../../../contract/regions.ts";
import { formatSeconds } from "../format/duration.ts";
import { NO_VALUE } from "../format/quantity.ts";

/** What a region saw last, as it stands in its column. */
export interface RegionCell {
  text: string;
  /** The whole of it, in words. */
  title: string;
  tone: "plain" | "slow" | "failed" | "unknown";
}

/** Regions worth a column: where checks usually look from, and wherever else one has looked. */
export function regionsInUse(usual: readonly Region[], rows: readonly (CheckEntry | undefined)[]): Region[] {
  const used = new Set<Region>(usual);
  for (const row of rows) for (const { region } of row?.results ?? []) used.add(region);
  return REGION_NAMES.filter((region) => used.has(region));
}

export function regionCell(results: readonly RegionResult[], region: Region): RegionCell {
  const result = results.find((one) => one.region === region);
  if (!result) return { text: NO_VALUE, title: `${REGIONS[region]}: not asked`, tone: "plain" };
  return cellOf(result);
}

/** All regions in one cell: what failed, or the slowest answer. */
export function worstCell(results: readonly RegionResult[]): RegionCell {
  if (results.length === 0) return { text: NO_VALUE, title: "No round yet", tone: "plain" };
  const title = results.map((result) => cellOf(result).title).join("\n");
  const failed = results.filter(({ outcome }) => outcome === "failed");
  if (failed.length > 0) return { text: `${failed.length} of ${results.length} failed`, title, tone: "failed" };
  const slowest = results.reduce((a, b) => ((b.responseMs ?? -1) > (a.responseMs ?? -1) ? b : a));
  return { ...cellOf(slowest), title };
}

function cellOf({ region, outcome, responseMs, words }: RegionResult): RegionCell {
  const title = `${REGIONS[region]}: ${words}`;
  if (outcome === "failed") return { text: "failed", title, tone: "failed" };
  if (outcome === "unknown") return { text: "unsure", title, tone: "unknown" };
  const text = responseMs === null ? "ok" : responseMs < 0.5 ? "< 1 ms" : formatSeconds(Math.round(responseMs) / 1000);
  return { text, title, tone: outcome === "slow" ? "slow" : "plain" };
}
