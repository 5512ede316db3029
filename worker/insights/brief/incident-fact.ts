import type { Incident } from "../../../contract/incidents.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { lengthInWords } from "../words/duration.ts";
import { momentInWords } from "../words/moment.ts";
import { fact, type Fact } from "./part.ts";
import { lineInWords } from "./plain-name.ts";

/** An incident as one fact: what, when, for how long, why. */
export function incidentFact(one: Incident, now: EpochMs): Fact {
  const { id, subject, instanceId, members, openedAt, resolvedAt, reason } = one;
  const words = `${calledIncident(one)} began ${momentInWords(openedAt, now)} and ${lasted(one, now)}: ${lineInWords(reason)}`;
  return fact(/[.!?…]$/.test(words) ? words : `${words}.`, {
    subject: members === 1 ? (instanceId ?? subject) : null,
    from: openedAt,
    to: resolvedAt,
    incidentId: id,
  });
}

/** Its title between quotes: what is in it was written by people and machines. */
export function calledIncident({ title }: Pick<Incident, "title">): string {
  return `“${lineInWords(title, 120)}”`;
}

/** `lasted 12 min`, `has lasted for 3 h and is open` */
export function lasted({ openedAt, resolvedAt }: Pick<Incident, "openedAt" | "resolvedAt">, now: EpochMs): string {
  if (resolvedAt === null) return `has been open for ${lengthInWords(now - openedAt)}`;
  return `lasted ${lengthInWords(resolvedAt - openedAt)}`;
}
