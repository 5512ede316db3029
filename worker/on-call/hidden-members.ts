import type { IncidentEvent, IncidentEventKind } from "../../contract/incidents.ts";
import type { IncidentMemberRow } from "../alerts/table.ts";

/** These name nobody: what stands with them are people's own words. */
const NAMELESS: ReadonlySet<IncidentEventKind> = new Set([
  "acknowledged",
  "unacknowledged",
  "noted",
  "silenced",
  "spoken",
]);

/**
 * What happened to an incident, as it is told to who may see these of its members only: events in the words that are about them, and
 * what became of the incident itself without words. Who joined or recovered otherwise is left out.
 */
export function eventsOfPart(
  events: readonly IncidentEvent[],
  members: readonly Pick<IncidentMemberRow, "name" | "reason">[],
): IncidentEvent[] {
  const reasons = new Set(members.map(({ reason }) => reason));
  const names = [...new Set(members.map(({ name }) => name))];
  return events.flatMap((event) => {
    const { kind, actor, words } = event;
    if (actor !== null || NAMELESS.has(kind) || reasons.has(words.replace(/ \(silenced\)$/, ""))) return [event];
    const { named, isAll } = namedIn(words, names);
    if (isAll) return [event];
    if (named.length === 0 && (kind === "joined" || kind === "recovered")) return [];
    return [{ ...event, words: named.join(", ") }];
  });
}

/** Words are `web-1, web-2 and 3 more: 12 against 8`. Which of these names they begin with, and whether those are all. */
function namedIn(words: string, names: readonly string[]): { named: string[]; isAll: boolean } {
  const named: string[] = [];
  let isAll = true;
  for (let at = 0; at < words.length;) {
    const name = names.find(
      (one) => words.startsWith(one, at) && /^(, |: | and \d+ more: )/.test(words.slice(at + one.length)),
    );
    if (name === undefined) isAll = false;
    else {
      named.push(name);
      at += name.length;
      if (words.startsWith(": ", at)) break;
    }
    const comma = words.indexOf(", ", at);
    if (comma < 0) return { named, isAll: false };
    at = comma + 2;
  }
  return { named, isAll: isAll && named.length > 0 };
}
