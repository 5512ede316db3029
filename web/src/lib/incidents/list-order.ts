import type { Incident } from "../../../../contract/incidents.ts";
import { fits, type IncidentFilter } from "./filter.ts";

/** The server's own order: open first, of them the critical ones and then the newest; then those that ended last. */
export function inOrder(a: Incident, b: Incident): number {
  const isOver = Number(a.state === "resolved") - Number(b.state === "resolved");
  if (isOver !== 0) return isOver;
  if (a.state !== "resolved" && a.severity !== b.severity) return a.severity === "critical" ? -1 : 1;
  const at = (incident: Incident) => (incident.state === "resolved" ? (incident.resolvedAt ?? 0) : incident.openedAt);
  if (at(a) !== at(b)) return at(b) - at(a);
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

/** What is known of the same incident later takes the place of what was known before; everything stays where it stands. */
export function updated(shown: readonly Incident[], news: readonly Incident[]): Incident[] {
  const byId = new Map(news.map((incident) => [incident.id, incident]));
  return shown.map((incident) => {
    const later = byId.get(incident.id);
    return later && later.updatedAt >= incident.updatedAt ? later : incident;
  });
}

/**
 * The list as it would be asked for now: without those that no longer belong, with those that came, in order. With `hasMore`,
 * what would stand below the last one is left to the page it will come with.
 */
export function settled(
  shown: readonly Incident[],
  fresh: readonly Incident[],
  filter: IncidentFilter,
  hasMore: boolean,
): Incident[] {
  const all = new Map([...shown, ...fresh].map((incident) => [incident.id, incident]));
  const list = [...all.values()].filter((incident) => fits(incident, filter) !== false).sort(inOrder);
  const last = shown.findLast(({ id }) => fits(all.get(id)!, filter) !== false);
  if (!hasMore || !last) return list;
  const isOfShown = new Set(shown.map(({ id }) => id));
  return list.filter((incident) => isOfShown.has(incident.id) || inOrder(incident, last) < 0);
}

/** A first page asked for again, and what was loaded below it. */
export function withFirstPage(shown: readonly Incident[], page: readonly Incident[], hasMore: boolean): Incident[] {
  const last = page.at(-1);
  if (!hasMore || !last) return [...page];
  const here = new Set(page.map(({ id }) => id));
  return [...page, ...shown.filter((incident) => !here.has(incident.id) && inOrder(incident, last) > 0)];
}

/** A next page, at the end of those that are shown. */
export function withNextPage(shown: readonly Incident[], page: readonly Incident[]): Incident[] {
  const here = new Set(shown.map(({ id }) => id));
  return [...updated(shown, page), ...page.filter(({ id }) => !here.has(id))];
}
