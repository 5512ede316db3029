import type { EpochMs } from "../../../contract/units.ts";
import type { AskReader, KnownIncident } from "../ask/ask-reader.ts";
import { clockInWords, momentInWords } from "../words/moment.ts";
import type { Found } from "./incident-changes.ts";
import { incidentFact } from "./incident-fact.ts";
import { fact, say, type Fact } from "./part.ts";
import { lineInWords } from "./plain-name.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OFTEN_DAYS = 30;

export interface Often extends Found {
  times: number;
}

/** How often the same rule opened an incident there lately, and whether at the same hour. */
export async function howOften(
  reader: AskReader,
  { incident }: KnownIncident,
  subjects: readonly string[],
  own: Fact,
  now: EpochMs,
): Promise<Often> {
  const within = { from: incident.openedAt - OFTEN_DAYS * DAY_MS, to: incident.openedAt + 1 };
  const lead = subjects.slice(0, 1);
  const { incidents } = await reader.incidents({ state: "all", within, onlyBegun: true, subjects: lead, max: 100 });
  const same = incidents.filter(({ ruleId, id }) => ruleId === incident.ruleId && id !== incident.id);
  if (same.length === 0) {
    const none = fact(
      `The rule “${lineInWords(incident.ruleName, 80)}” opened no other incident there in the ${OFTEN_DAYS} days before.`,
      { value: 0, ...within },
    );
    return {
      claims: [say(`It is the first of its kind there in ${OFTEN_DAYS} days.`, none)],
      first: null,
      what: null,
      times: 1,
    };
  }
  const times = same.length + 1;
  const facts = same.slice(0, 3).map((one) => incidentFact(one, now));
  const hours = same.map(({ openedAt }) => new Date(openedAt).getUTCHours());
  const hour = new Date(incident.openedAt).getUTCHours();
  const near = hours.filter((one) => Math.min((one - hour + 24) % 24, (hour - one + 24) % 24) <= 1).length;
  const daily =
    same.length >= 3 && near >= same.length * 0.75
      ? ` Most of them began around ${clockInWords(hour * HOUR_MS)} UTC, as this one did.`
      : "";
  return {
    claims: [
      say(
        `It is the ${times === 2 ? "second" : `${ordinal(times)}`} of its kind there in ${OFTEN_DAYS} days; the last one began ${momentInWords(same[0]!.openedAt, now)}.${daily}`,
        own,
        ...facts,
      ),
    ],
    first: facts[0]!,
    what: daily === "" ? null : "what runs at that hour",
    times,
  };
}

function ordinal(count: number): string {
  const last = count % 100;
  const ending = last > 10 && last < 14 ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
  return `${count}${ending}`;
}
