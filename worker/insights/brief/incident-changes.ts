import type { EpochMs } from "../../../contract/units.ts";
import type { AskReader, KnownFleet, KnownIncident } from "../ask/ask-reader.ts";
import { lengthInWords } from "../words/duration.ts";
import { countOf, namesInWords, sentence } from "../words/names.ts";
import { calledIncident, incidentFact } from "./incident-fact.ts";
import { fact, say, type Fact, type Said } from "./part.ts";
import { nameInWords } from "./plain-name.ts";
import { changeInWords, changesWithin, isSaidBy, likeliest, type Change } from "./what-changed.ts";

const HOUR_MS = 3_600_000;
/** What led to it happened within so long before. */
const BEFORE_MS = 6 * HOUR_MS;
/** Trouble elsewhere that began so shortly before may be the same. */
const ELSEWHERE_MS = 30 * 60_000;
const CHANGES_SHOWN = 5;

/** What one look came to. */
export interface Found {
  claims: Said[];
  first: Fact | null;
  /** In few words, for what to do. */
  what: string | null;
}

/** What changed there before it began, and what began elsewhere at the same time. */
export async function whatChanged(
  reader: AskReader,
  fleet: KnownFleet,
  { incident }: KnownIncident,
  subjects: string[],
  now: EpochMs,
): Promise<Found> {
  const { openedAt, id } = incident;
  // What is measured lags behind what happens, so what came with it counts too.
  const within = { from: openedAt - BEFORE_MS, to: openedAt + 60_000 };
  const [own, elsewhere] = await Promise.all([
    changesWithin(reader, fleet, { within, subjects, apart: id }, now),
    reader.incidents({
      state: "all",
      within: { from: openedAt - ELSEWHERE_MS, to: openedAt + 60_000 },
      onlyBegun: true,
      subjects: null,
      max: 4,
    }),
  ]);
  const changes = own.filter((one) => !isSaidBy(incident, one));
  const told = new Set(changes.map((one) => one.fact.incidentId).filter((one) => one !== null));
  const others = elsewhere.incidents.filter((one) => one.id !== id && !told.has(one.id));
  const hours = lengthInWords(BEFORE_MS);
  const claims: Said[] = [];
  const chosen = likeliest(changes, CHANGES_SHOWN);
  if (chosen.length === 0) {
    const none = fact(
      `Of the ${hours} before no event, restart, silence, other incident or unusual reading is known of ${countOf(subjects.length, "instance")}.`,
      { value: 0, ...within },
    );
    claims.push(say(`Nothing is known to have changed there in the ${hours} before.`, none));
  } else {
    const last = chosen.toSorted((a, b) => b.weight - a.weight || b.at - a.at)[0]!;
    claims.push(say(`Before it, ${changeInWords(last, openedAt, now)}: ${gap(last, openedAt)}.`, last.fact));
    for (const one of chosen)
      if (one !== last) claims.push(say(`${sentence(changeInWords(one, openedAt, now))}.`, one.fact));
  }
  if (others.length > 0) {
    const facts = others.map((one) => incidentFact(one, now));
    claims.push(
      say(
        `Elsewhere, too, something began within ${lengthInWords(ELSEWHERE_MS)}: ${namesInWords(others.map(calledIncident), 3)}.`,
        ...facts,
      ),
    );
  }
  const best = chosen.toSorted((a, b) => b.weight - a.weight || b.at - a.at)[0];
  return { claims, first: best?.fact ?? null, what: best && best.weight >= 3 ? best.text : null };
}

function gap({ at }: Change, openedAt: EpochMs): string {
  const ms = openedAt - at;
  return ms < 60_000 ? "at the same time" : `${lengthInWords(ms)} earlier`;
}

/** What was done while it lasted, and how it ended. */
export async function whatEnded(
  reader: AskReader,
  fleet: KnownFleet,
  { incident, events }: KnownIncident,
  subjects: string[],
  own: Fact,
  now: EpochMs,
): Promise<Said[]> {
  const { resolvedAt, openedAt, id, reopened } = incident;
  const said: Said[] = [];
  if (reopened > 0)
    said.push(
      say(`It came back ${reopened === 1 ? "once" : `${reopened} times`} after it had seemed to be over.`, own),
    );
  if (resolvedAt === null) return said;
  const within = { from: openedAt + 60_000, to: resolvedAt + 60_000 };
  const done = within.from < within.to ? await changesWithin(reader, fleet, { within, subjects, apart: id }, now) : [];
  const last = done.filter(({ weight }) => weight >= 4).at(-1);
  const ending = events.findLast(({ kind }) => kind === "resolved");
  if (ending?.actor) {
    const words = `${nameInWords(ending.actor)} said that it was over.`;
    said.push(say(words, fact(words, { from: ending.at, incidentId: id })));
  }
  if (last) said.push(say(`It ended ${lengthInWords(resolvedAt - last.at)} after this: ${last.text}.`, last.fact, own));
  else if (!ending?.actor) said.push(say("It ended by itself: nothing that was done there meanwhile is known.", own));
  return said;
}
