import type { Incident, IncidentCounts, IncidentList } from "../../../../contract/incidents.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/** So long what is over is remembered, so that old news of it does not open it again. */
const REMEMBERED_MS: DurationMs = 600_000;

/** How many incidents are open, and the incidents that this was counted from. */
export interface Tally {
  counts: IncidentCounts;
  known: ReadonlyMap<string, Incident>;
  /** All that were open were among those that came: one that is not known was not open. */
  isWhole: boolean;
  /** The server's time when it counted. */
  countedAt: EpochMs;
}

/** What an incident is counted as; acknowledged ones call nobody any more. Null: it is over. */
export function countedAs({ state, severity }: Pick<Incident, "state" | "severity">): keyof IncidentCounts | null {
  if (state === "resolved") return null;
  return state === "acknowledged" ? "acknowledged" : severity;
}

/** What the server counted, and what was heard since: an answer may be older than news that overtook it. */
export function tallyOf(list: IncidentList, heard: Iterable<Incident>): Tally {
  let tally: Tally = {
    counts: list.counts,
    known: new Map(list.incidents.map((incident) => [incident.id, incident])),
    isWhole: list.next === null,
    countedAt: list.now,
  };
  for (const incident of heard) tally = withIncident(tally, incident) ?? tally;
  return tally;
}

/** The tally with this incident as it is now; null where only the server can say what it was counted as before. */
export function withIncident(tally: Tally, incident: Incident): Tally | null {
  const before = tally.known.get(incident.id);
  if (before && before.updatedAt > incident.updatedAt) return tally;
  if (!before && !wasNotOpen(tally, incident)) return null;
  const counts = { ...tally.counts };
  const from = before ? countedAs(before) : null;
  const to = countedAs(incident);
  if (from) counts[from] = Math.max(0, counts[from] - 1);
  if (to) counts[to] += 1;
  const known = new Map(tally.known).set(incident.id, incident);
  for (const [id, { resolvedAt }] of known)
    if (resolvedAt !== null && incident.updatedAt - resolvedAt > REMEMBERED_MS) known.delete(id);
  return { ...tally, counts, known };
}

/** Whether one that is not known was surely not counted. */
export function wasNotOpen(tally: Tally, { openedAt }: Pick<Incident, "openedAt">): boolean {
  return tally.isWhole || openedAt > tally.countedAt;
}
