import type { InstanceEvent } from "../../../contract/events.ts";
import { INSTANCE_EVENTS } from "../../../contract/event-kinds.ts";
import type { Incident } from "../../../contract/incidents.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { AskReader, KnownFleet } from "../ask/ask-reader.ts";
import type { Span } from "../ask/times.ts";
import { clockInWords, momentInWords } from "../words/moment.ts";
import { possessive } from "../words/names.ts";
import { insightFact, titleOf } from "./insight-fact.ts";
import { incidentFact, calledIncident } from "./incident-fact.ts";
import { fact, type Fact } from "./part.ts";
import { lineInWords, nameInWords } from "./plain-name.ts";

/** Something that changed or happened at a moment. */
export interface Change {
  at: EpochMs;
  /** As a clause: `web-1 was restarted`. */
  text: string;
  fact: Fact;
  /** The closer to what people do, the likelier it is why something else happened. */
  weight: number;
}

const EACH_MAX = 12;

/**
 * What changed within a span among these (null: all that may be seen): what people and providers did, restarts, silences, incidents that
 * began, verdicts, and readings that left their usual range. In order of time. `apart`: the incident that is asked about.
 */
export async function changesWithin(
  reader: AskReader,
  fleet: KnownFleet,
  { within, subjects, apart }: { within: Span; subjects: readonly string[] | null; apart: string | null },
  now: EpochMs,
): Promise<Change[]> {
  const [events, incidents, silences, found] = await Promise.all([
    reader.events({ within, subjects, max: 4 * EACH_MAX }),
    reader.incidents({ state: "all", within, onlyBegun: true, subjects, max: EACH_MAX }),
    reader.silences({ within, subjects }),
    reader.insights({ kinds: ["anomaly", "change"], within, subjects, max: EACH_MAX }),
  ]);
  const nameOf = new Map(fleet.instances.map(({ id, name }) => [id, name]));
  const changes: Change[] = [
    ...fewVerdicts(events).map((event) => changeOf(event, nameOf.get(event.instanceId) ?? event.instanceId, now)),
    ...restarts(fleet, subjects, within, now),
    ...incidents.incidents
      .filter(({ id }) => id !== apart)
      .map((one) => ({
        at: one.openedAt,
        text: `the incident ${calledIncident(one)} began`,
        fact: incidentFact(one, now),
        weight: 2,
      })),
    ...silences.map(({ reason, createdBy, from, isOfAll }) => {
      const said = `${nameInWords(createdBy)} silenced ${isOfAll ? "all alerts" : "alerts there"} (“${lineInWords(reason, 80)}”)`;
      return { at: from, text: said, fact: fact(`${said} from ${momentInWords(from, now)}.`, { from }), weight: 3 };
    }),
    ...found.map((one) => {
      const at = one.at ?? one.madeAt;
      return {
        at,
        text: lowered(titleOf(one).replace(/\.$/, ""), one.metrics.length > 0),
        fact: insightFact(one),
        weight: one.kind === "change" ? 2 : 1,
      };
    }),
  ];
  return changes.sort((a, b) => a.at - b.at);
}

/** That somebody was found down as it began is what an incident says itself. */
export function isSaidBy({ openedAt }: Pick<Incident, "openedAt">, { weight, at }: Change): boolean {
  return weight === 1 && Math.abs(at - openedAt) < 5 * 60_000;
}

/** What people do before what is measured, and what was last before what was first; told in order of time. */
export function likeliest(all: readonly Change[], max: number): Change[] {
  return all
    .toSorted((a, b) => b.weight - a.weight || b.at - a.at)
    .slice(0, max)
    .sort((a, b) => a.at - b.at);
}

/** Verdicts come and go; of each instance the last is enough, and what people and providers did goes before them. */
function fewVerdicts(events: readonly (InstanceEvent & { instanceId: string })[]) {
  const seen = new Set<string>();
  return events
    .filter(({ kind, instanceId }) => {
      if (kind !== "verdict") return true;
      if (seen.has(instanceId)) return false;
      seen.add(instanceId);
      return true;
    })
    .slice(0, 2 * EACH_MAX);
}

function changeOf(event: InstanceEvent & { instanceId: string }, name: string, now: EpochMs): Change {
  const text = eventInWords(event, nameInWords(name));
  const known = fact(`${momentInWords(event.at, now)}: ${text}.`, { subject: event.instanceId, name, from: event.at });
  return { at: event.at, text, fact: known, weight: event.kind === "verdict" ? 1 : 4 };
}

/** Of the last start only: earlier ones are in no row. */
function restarts(
  { instances }: KnownFleet,
  subjects: readonly string[] | null,
  { from, to }: Span,
  now: EpochMs,
): Change[] {
  const wanted = subjects && new Set(subjects);
  return instances
    .filter(
      ({ id, bootAt, firstSeenAt }) =>
        bootAt !== null && bootAt >= from && bootAt < to && bootAt > firstSeenAt && (wanted?.has(id) ?? true),
    )
    .slice(0, EACH_MAX)
    .map(({ id, name, bootAt }) => {
      const text = `${nameInWords(name)} was restarted`;
      const known = fact(`${text} ${momentInWords(bootAt!, now)}.`, {
        subject: id,
        name,
        metric: "uptime_seconds",
        from: bootAt,
      });
      return { at: bootAt!, text, fact: known, weight: 5 };
    });
}

const WHAT: Record<string, string> = {
  plan: "plan",
  region: "region",
  zone: "zone",
  image: "image",
  publicAddresses: "public addresses",
  privateAddresses: "private addresses",
  impaired: "state as its provider sees it",
  status: "status",
};

function eventInWords({ kind, what, before, after }: InstanceEvent, name: string): string {
  const [from, to] = [before && lineInWords(before, 80), after && lineInWords(after, 80)];
  const change = from && to ? ` from ${from} to ${to}` : to ? ` to ${to}` : from ? `, which was ${from}` : "";
  switch (kind) {
    case "changed":
      return `${possessive(name)} ${WHAT[what ?? ""] ?? lineInWords(what ?? "record", 40)} changed${change}`;
    case "renamed":
      return `${name} was renamed${change}`;
    case "verdict":
      return `${name} was found ${to ?? "unknown"}${what ? ` (${lineInWords(what, 100)})` : ""}`;
    case "added":
      return `${name} was added`;
    case "stopped":
    case "started":
      return `${name} was ${kind}`;
    case "gone":
      return `${name} was no longer listed by its provider`;
    case "back":
      return `${name} was listed by its provider again`;
    case "merged":
      return `${name} was found to be the machine its provider lists`;
    default:
      return `${name}: ${INSTANCE_EVENTS[kind]}`;
  }
}

/** A title begins with a metric's name, which is our own word; a machine's name stays as it is. */
function lowered(title: string, isOurs: boolean): string {
  return isOurs && /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** `at 13:58 web-1 was restarted`; with the day where it was another. */
export function changeInWords({ at, text }: Change, beside: EpochMs, now: EpochMs): string {
  const isSameDay = Math.floor(at / 86_400_000) === Math.floor(beside / 86_400_000);
  return `${isSameDay ? `at ${clockInWords(at)} UTC` : momentInWords(at, now)} ${text}`;
}
