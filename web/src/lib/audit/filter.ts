import { AUDIT_ACTION_NAMES, type AuditAction } from "../../../../contract/audit-actions.ts";

/** What of the audit log is looked at; empty: all of it. */
export interface AuditFilter {
  action: AuditAction | "";
  /** A person's id. */
  actor: string;
  text: string;
}

const TEXT_LENGTH_MAX = 100;

/** The filter as a query of the API, its values encoded; also that of this page's own address. */
export function queryOf(filter: AuditFilter, below?: number): Record<string, string> {
  const { action, actor } = filter;
  const text = filter.text.trim().slice(0, TEXT_LENGTH_MAX);
  const query = { ...(action && { action }), ...(actor && { actor }), ...(text && { text }) };
  const encoded = Object.entries(query).map(([name, value]) => [name, encodeURIComponent(value)]);
  return { ...Object.fromEntries(encoded), ...(below === undefined ? {} : { below: String(below) }) };
}

export function addressWith(path: string, query: Record<string, string>): string {
  const search = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return search.length === 0 ? path : `${path}?${search.join("&")}`;
}

/** The filter an address asks for; what is no filter is none. */
export function filterOf(search: Pick<URLSearchParams, "get">): AuditFilter {
  const action = AUDIT_ACTION_NAMES.find((name) => name === search.get("action")) ?? "";
  return { action, actor: search.get("actor") ?? "", text: search.get("text") ?? "" };
}

export function isEmpty({ action, actor, text }: AuditFilter): boolean {
  return action === "" && actor === "" && text.trim() === "";
}
