import { isCheckSubject } from "../../../contract/rules.ts";
import type { Incident } from "../../../contract/incidents.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { AskReader, KnownFleet } from "../ask/ask-reader.ts";
import { nounOf } from "../words/metric-noun.ts";
import { clockInWords } from "../words/moment.ts";
import { countOf, namesInWords, possessive } from "../words/names.ts";
import { readingInWords } from "../words/quantity.ts";
import type { Found } from "./incident-changes.ts";
import { AROUND_MS, DAYS_BEFORE, MOVED_KEYS, movesAround } from "./moved.ts";
import { fact, say, type Said } from "./part.ts";
import { nameInWords } from "./plain-name.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MEMBERS_LOOKED_INTO = 3;
const MOVES_SHOWN = 3;
const STEP_MS = 300_000;
const LOOKED_AT = [...MOVED_KEYS, "check_response_seconds"];

/** Which readings of its machines were unlike the same hour of the days before. */
export async function whatMoved(
  reader: AskReader,
  fleet: KnownFleet,
  incident: Incident,
  subjects: readonly string[],
  now: EpochMs,
): Promise<Found> {
  const { openedAt } = incident;
  const named = new Map<string, string>();
  for (const { id, name, intervalMs } of fleet.instances) if (intervalMs > 0) named.set(id, name);
  // A job that calls has no response time.
  for (const { id, name, kind } of fleet.checks) if (kind !== "heartbeat") named.set(id, name);
  const looked = isCheckSubject(incident.subject) ? [incident.subject, ...subjects] : subjects;
  const ids = [...new Set(looked)].filter((id) => named.has(id)).slice(0, MEMBERS_LOOKED_INTO);
  if (ids.length === 0) {
    const none = fact("Neither an agent nor a check sends readings there.", { incidentId: incident.id });
    return {
      claims: [say("No agent sends readings there, so nothing can be said of what was measured.", none)],
      first: null,
      what: null,
    };
  }
  const [from, to] = [openedAt - DAYS_BEFORE * DAY_MS - 2 * HOUR_MS, Math.min(now, openedAt + AROUND_MS.after)];
  // Steps of five minutes: as many points as tell them from hours.
  const points = Math.ceil((to - from) / STEP_MS);
  const windows = await reader.windows({ ids, keys: LOOKED_AT, from, to, points });
  const all = ids.flatMap((id) => {
    const window = windows.get(id);
    return window ? movesAround(window, openedAt).map((move) => ({ ...move, id, name: named.get(id)! })) : [];
  });
  const heard = ids.filter((id) => windows.get(id)?.at.some((at) => at >= openedAt - AROUND_MS.before));
  const told = all.sort((a, b) => b.score - a.score).slice(0, MOVES_SHOWN);
  if (told.length === 0) {
    const text =
      heard.length === 0
        ? "No readings came from there around the time it began."
        : "No reading there was unlike the same hour of the days before, as far as there are days before.";
    const held = fact(
      `${countOf(LOOKED_AT.length, "series", "series")} of ${namesInWords(
        ids.map((id) => nameInWords(named.get(id)!)),
        3,
      )} were held against the same hour of up to ${DAYS_BEFORE} days before.`,
      { from: openedAt - AROUND_MS.before, to: openedAt + AROUND_MS.after },
    );
    return { claims: [say(text, held)], first: null, what: null };
  }
  const claims = told.map(({ id, name, key, level, usual, usualLow, usualHigh, days, from: begin, to: end }): Said => {
    const value = (one: number) => readingInWords(key, one);
    const words = `${possessive(nameInWords(name))} ${nounOf(key)} around ${clockInWords(openedAt)} UTC was ${value(level)}; at the same time of the ${days} days before it was ${value(usual)}, mostly ${value(usualLow)} to ${value(usualHigh)}.`;
    const moved = fact(words, { subject: id, name, metric: key, value: level, from: begin, to: end });
    return say(
      `${possessive(nameInWords(name))} ${nounOf(key)} ${level > usual ? "rose" : "fell"} to ${value(level)}, where ${value(usual)} is usual at that hour.`,
      moved,
    );
  });
  const [{ key, name, level, usual }] = told as [(typeof told)[number]];
  const what = `the ${nounOf(key)} of ${nameInWords(name)} ${level > usual ? "rise" : "fall"}`;
  return { claims, first: claims[0]!.by[0]!, what };
}
