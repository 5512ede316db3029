import type { EpochMs } from "../../contract/units.ts";
import type { InsightRow } from "./table.ts";

/** What of a row decides. */
type Said = Pick<
  InsightRow,
  "severity" | "model" | "subjects" | "at" | "earliestAt" | "latestAt" | "updatedAt" | "expiresAt"
>;

/** What is foretold moves a little with every look. It is news when it has moved by this share of what is left, or of its interval. */
const MOVED_SHARE = 0.25;

/**
 * Whether what was found says something that the row there is does not say: it is new, its severity changed, its moment moved, the
 * moment has come so near that the words say too long a time, or half of the time is over after which it would no longer be shown.
 */
export function isNews(before: Said | undefined, found: Said, now: EpochMs): boolean {
  if (!before || before.severity !== found.severity || before.model !== found.model) return true;
  if (before.subjects.length !== found.subjects.length) return true;
  if (before.expiresAt - now < (found.expiresAt - now) / 2) return true;
  return hasMoved(before, found, now) || hasComeNear(before, found, now);
}

/** What lay ahead when the row was written was told by how long it still takes; that goes on shrinking where the moment stands still. */
function hasComeNear(before: Said, found: Said, now: EpochMs): boolean {
  if (before.at === null || found.at === null) return false;
  const told = before.at - before.updatedAt;
  return told > 0 && told - (found.at - now) > MOVED_SHARE * told;
}

function hasMoved(before: Said, found: Said, now: EpochMs): boolean {
  if (before.at === null || found.at === null) return before.at !== found.at;
  const left = Math.max(0, found.at - now);
  const width = (found.latestAt ?? found.at) - (found.earliestAt ?? found.at);
  return Math.abs(found.at - before.at) > MOVED_SHARE * Math.max(left, width, 1);
}
