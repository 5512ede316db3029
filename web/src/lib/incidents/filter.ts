import type { Incident } from "../../../../contract/incidents.ts";
import { SEVERITIES, type Severity } from "../../../../contract/rule-kinds.ts";

const STATES = ["open", "resolved", "all"] as const;
const TEXT_LENGTH_MAX = 200;

/** Which incidents are looked at; what is empty says nothing. */
export interface IncidentFilter {
  state: (typeof STATES)[number];
  severity: Severity | "";
  text: string;
  /** An instance's or a check's id. */
  subject: string;
  /** A rule's id. */
  ruleId: string;
}

export const NO_FILTER: IncidentFilter = { state: "open", severity: "", text: "", subject: "", ruleId: "" };

/** The filter as a query of the API, its values encoded; also that of this page's own address. */
export function queryOf(filter: IncidentFilter): Record<string, string> {
  const given = {
    ...filter,
    state: filter.state === NO_FILTER.state ? "" : filter.state,
    text: filter.text.trim().slice(0, TEXT_LENGTH_MAX),
  };
  const encoded = Object.entries(given).map(([name, value]) => [name, encodeURIComponent(value)] as const);
  return Object.fromEntries(encoded.filter(([, value]) => value !== ""));
}

/** The filter an address asks for; what is no filter is none. */
export function filterOf(search: Pick<URLSearchParams, "get">): IncidentFilter {
  return {
    state: STATES.find((name) => name === search.get("state")) ?? NO_FILTER.state,
    severity: SEVERITIES.find((name) => name === search.get("severity")) ?? "",
    text: search.get("text") ?? "",
    subject: search.get("subject") ?? "",
    ruleId: search.get("ruleId") ?? "",
  };
}

/** Whether it leaves out nothing but what is over, or what is not. */
export function isWide(filter: IncidentFilter): boolean {
  return Object.keys(queryOf({ ...filter, state: NO_FILTER.state })).length === 0;
}

/** Whether an incident is one of those; null where only the server can say, who knows its members. */
export function fits(incident: Incident, { state, severity, text, subject, ruleId }: IncidentFilter): boolean | null {
  if (state !== "all" && (state === "resolved") !== (incident.state === "resolved")) return false;
  if (severity && incident.severity !== severity) return false;
  const words = text.trim().toLowerCase();
  const isSurely =
    (!subject || incident.subject === subject) &&
    (!ruleId || incident.ruleId === ruleId) &&
    [incident.title, incident.reason, incident.ruleName].some((told) => told.toLowerCase().includes(words));
  return isSurely || null;
}
