import type { Incident } from "../../../../contract/incidents.ts";
import { calledIncident, incidentFact } from "../../brief/incident-fact.ts";
import { fact, part, say, type Part, type Said } from "../../brief/part.ts";
import { changeInWords, changesWithin, isSaidBy, likeliest } from "../../brief/what-changed.ts";
import { spanInWords, wholeInWords } from "../plan-words.ts";
import { momentInWords } from "../../words/moment.ts";
import { countOf, sentence } from "../../words/names.ts";
import { DAY_MS, HOUR_MS } from "../calendar.ts";
import { isNobody, nobody, scopeOf, type Asked, type Query, type Scope, type StepOf } from "./query.ts";

const SHOWN = 10;
/** An incident that is named by its time began within so long of it. */
const NEAR_MS = HOUR_MS;
const LATEST_WITHIN_MS = 30 * DAY_MS;

/** What changed before a moment or an incident. */
export const changes: Query<"changes"> = async (step, asked) => {
  const { reader, fleet, now } = asked;
  const scope = scopeOf(step, fleet);
  if (isNobody(scope)) return nobody(fleet);
  const lengthMs = step.beforeHours * HOUR_MS;
  const meant = await incidentMeant(step, scope, asked);
  if (meant === "none") return noIncident(step, now);
  const to = meant?.openedAt ?? step.at ?? now;
  // What it came with is of interest too: what is measured lags behind what happens.
  const within = { from: to - lengthMs, to: meant ? to + 60_000 : to };
  const found = await changesWithin(reader, fleet, { within, subjects: scope.subjects, apart: meant?.id ?? null }, now);
  const all = meant ? found.filter((one) => !isSaidBy(meant, one)) : found;
  const when = meant
    ? `in the ${wholeInWords(lengthMs)} before the incident ${calledIncident(meant)}, which began ${momentInWords(to, now)}`
    : spanInWords(within, now);
  const about = meant ? [incidentFact(meant, now)] : [];
  if (all.length === 0) {
    const looked = fact(
      `Of ${countOf(scope.instances.length, "instance")} no event, restart, silence, other incident or unusual reading is known ${when}.`,
      { value: 0, ...within },
    );
    return part([say(`Nothing is known to have changed ${when}.`, looked, ...about)]);
  }
  const chosen = likeliest(all, SHOWN);
  const head = `${countOf(all.length, "thing")} changed ${when}`;
  const claims: Said[] = [say(`${head}.`, ...about, ...(about.length > 0 ? [] : chosen.map((one) => one.fact)))];
  for (const one of chosen) claims.push(say(`${sentence(changeInWords(one, to, now))}.`, one.fact));
  if (all.length > chosen.length) {
    const left = fact(`${countOf(all.length - chosen.length, "more change")} ${when} are not listed.`, {
      value: all.length - chosen.length,
    });
    claims.push(say(`${countOf(all.length - chosen.length, "more")} are not listed here.`, left));
  }
  return part(claims);
};

async function incidentMeant(
  { at, incidentId }: StepOf<"changes">,
  scope: Scope,
  { reader, now }: Asked,
): Promise<Incident | undefined | "none"> {
  if (incidentId === "latest") {
    const within = { from: now - LATEST_WITHIN_MS, to: now };
    const { incidents } = await reader.incidents({ state: "all", within, subjects: scope.subjects, max: 1 });
    return incidents[0] ?? "none";
  }
  if (incidentId !== null && incidentId !== "nearest") return (await reader.incident(incidentId))?.incident ?? "none";
  if (at === null || incidentId === null) return undefined;
  const within = { from: at - NEAR_MS, to: Math.min(now, at + NEAR_MS) };
  const { incidents } = await reader.incidents({ state: "all", within, subjects: scope.subjects, max: 50 });
  const near = incidents.filter(({ openedAt }) => Math.abs(openedAt - at) <= NEAR_MS);
  return near.sort((a, b) => Math.abs(a.openedAt - at) - Math.abs(b.openedAt - at))[0];
}

function noIncident({ incidentId }: StepOf<"changes">, now: number): Part {
  if (incidentId !== "latest") {
    const none = fact("There is no such incident that you can see.", { value: 0 });
    return part([say("There is no such incident: it may have been deleted.", none)]);
  }
  const none = fact("No incident is known in the last 30 days.", { value: 0, from: now - LATEST_WITHIN_MS, to: now });
  return part([say("There was no incident in the last 30 days that it could have been before.", none)]);
}
