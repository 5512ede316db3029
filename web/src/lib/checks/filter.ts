import { CHECK_KINDS, type CheckKind } from "../../../../contract/check-kinds.ts";
import type { Standing } from "../verdict/verdict-words.ts";

const ASKED = ["down", "unsure", "degraded", "up", "waiting", "paused"] as const satisfies Standing[];

/** Which checks are looked at; empty: all of them. */
export interface CheckFilter {
  verdict: Standing | "";
  kind: CheckKind | "";
  tag: string;
  text: string;
  /** An instance's id. */
  instance: string;
}

export const NO_FILTER: CheckFilter = { verdict: "", kind: "", tag: "", text: "", instance: "" };
const TEXT_LENGTH_MAX = 100;

/** The filter as a query of the API, its values encoded; also that of this page's own address. */
export function queryOf(filter: CheckFilter): Record<string, string> {
  const given = { ...filter, text: filter.text.trim().slice(0, TEXT_LENGTH_MAX) };
  const encoded = Object.entries(given).map(([name, value]) => [name, encodeURIComponent(value)] as const);
  return Object.fromEntries(encoded.filter(([, value]) => value !== ""));
}

/** The filter an address asks for; what is no filter is none. */
export function filterOf(search: Pick<URLSearchParams, "get">): CheckFilter {
  return {
    verdict: ASKED.find((name) => name === search.get("verdict")) ?? "",
    kind: CHECK_KINDS.find((name) => name === search.get("kind")) ?? "",
    tag: search.get("tag") ?? "",
    text: search.get("text") ?? "",
    instance: search.get("instance") ?? "",
  };
}

export function isEmpty(filter: CheckFilter): boolean {
  return Object.keys(queryOf(filter)).length === 0;
}
