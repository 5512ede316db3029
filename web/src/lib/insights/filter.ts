import {
  INSIGHT_GROUP_NAMES,
  INSIGHT_GROUPS,
  INSIGHT_SEVERITIES,
  type InsightGroup,
  type InsightKind,
  type InsightSeverity,
} from "../../../../contract/insight-kinds.ts";
import type { Insight } from "../../../../contract/insights.ts";

const TEXT_LENGTH_MAX = 200;

/** Which insights are looked at; what is empty says nothing. */
export interface InsightFilter {
  group: InsightGroup | "";
  severity: InsightSeverity | "";
  text: string;
  /** An instance's or a check's id. */
  subject: string;
  dismissed: "no" | "yes";
}

export const NO_FILTER: InsightFilter = { group: "", severity: "", text: "", subject: "", dismissed: "no" };

/** The filter as a query of the API, its values encoded; also that of this page's own address. */
export function queryOf(filter: InsightFilter): Record<string, string> {
  const given = {
    ...filter,
    text: filter.text.trim().slice(0, TEXT_LENGTH_MAX),
    dismissed: filter.dismissed === NO_FILTER.dismissed ? "" : filter.dismissed,
  };
  const encoded = Object.entries(given).map(([name, value]) => [name, encodeURIComponent(value)] as const);
  return Object.fromEntries(encoded.filter(([, value]) => value !== ""));
}

/** The filter an address asks for; what is no filter is none. */
export function filterOf(search: Pick<URLSearchParams, "get">): InsightFilter {
  return {
    group: INSIGHT_GROUP_NAMES.find((name) => name === search.get("group")) ?? "",
    severity: INSIGHT_SEVERITIES.find((name) => name === search.get("severity")) ?? "",
    text: search.get("text") ?? "",
    subject: search.get("subject") ?? "",
    dismissed: search.get("dismissed") === "yes" ? "yes" : "no",
  };
}

/** Whether it leaves out nothing but by its tab and by what was dismissed. */
export function isWide(filter: InsightFilter): boolean {
  return Object.keys(queryOf({ ...filter, group: "", dismissed: "no" })).length === 0;
}

/** The list that a kind is in. */
export function groupOf(kind: InsightKind): InsightGroup {
  return INSIGHT_GROUP_NAMES.find((name) => (INSIGHT_GROUPS[name] as readonly InsightKind[]).includes(kind))!;
}

/** Whether an insight is still where this filter looks: it may have been dismissed, or taken back, meanwhile. */
export function isInPlace({ dismissedAt }: Pick<Insight, "dismissedAt">, { dismissed }: InsightFilter): boolean {
  return (dismissedAt !== null) === (dismissed === "yes");
}
