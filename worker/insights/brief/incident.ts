import type { Incident } from "../../../contract/incidents.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { AskReader, KnownIncident } from "../ask/ask-reader.ts";
import type { Brief } from "../engine.ts";
import { lengthInWords } from "../words/duration.ts";
import { momentInWords } from "../words/moment.ts";
import { countOf, namesInWords } from "../words/names.ts";
import { whatChanged, whatEnded, type Found } from "./incident-changes.ts";
import { calledIncident, incidentFact } from "./incident-fact.ts";
import { howOften, type Often } from "./incident-often.ts";
import { whatMoved } from "./incident-readings.ts";
import { briefOf, fact, part, say, type Fact, type Part, type Said } from "./part.ts";
import { lineInWords, nameInWords } from "./plain-name.ts";

/** What led to an incident, by what was measured and done around it; null where there is none that whoever asks may see. */
export async function explainIncident(reader: AskReader, incidentId: string, now: EpochMs): Promise<Brief | null> {
  const known = await reader.incident(incidentId);
  if (!known) return null;
  const fleet = await reader.fleet();
  const { incident } = known;
  const subjects = machinesOf(known);
  const own = incidentFact(incident, now);
  const before = await whatChanged(reader, fleet, known, subjects, now);
  const moved = await whatMoved(reader, fleet, incident, subjects, now);
  const often = await howOften(reader, known, subjects, own, now);
  const story = itself(known, own, now);
  const ended = await whatEnded(reader, fleet, known, subjects, own, now);
  const actions = actionsFor(incident, own, { before, moved, often });
  const parts: Part[] = [part([...story, ...before.claims, ...moved.claims, ...ended, ...often.claims], { actions })];
  return briefOf("explanation", lineInWords(incident.title, 200), parts);
}

/** Instances it is about, the one it began with first; of a check that stands alone the check. */
function machinesOf({ incident, members }: KnownIncident): string[] {
  const lead = incident.instanceId ?? incident.subject;
  return [...new Set([lead, ...members.map(({ instanceId, subject }) => instanceId ?? subject)])].slice(0, 20);
}

function itself({ incident, members, events }: KnownIncident, own: Fact, now: EpochMs): Said[] {
  const { openedAt, resolvedAt, reason } = incident;
  const length =
    resolvedAt === null
      ? `It has been open for ${lengthInWords(now - openedAt)}`
      : `It lasted ${lengthInWords(resolvedAt - openedAt)}`;
  const said = [
    say(
      `${calledIncident(incident)} began ${momentInWords(openedAt, now)}: ${closed(lineInWords(reason))} ${length}.`,
      own,
    ),
  ];
  if (incident.members > 1) {
    const byTime = [...members].sort((a, b) => a.openedAt - b.openedAt);
    const names = [...new Set(byTime.map(({ name }) => nameInWords(name)))];
    const spread = (byTime.at(-1)?.openedAt ?? openedAt) - openedAt;
    const how = spread < 60_000 ? "at once" : `within ${lengthInWords(spread)}`;
    const all = fact(
      `${countOf(incident.members, "member")} fell ${how}, the first of them ${names[0] ?? "unknown"}: ${namesInWords(names, 6)}.`,
      { value: incident.members, incidentId: incident.id },
    );
    said.push(
      say(
        `${incident.members} belong to it, which fell ${how}: ${namesInWords(names, 3)}. What they have in common is likelier to be the cause than any of them.`,
        all,
      ),
    );
  }
  const acted = events.find(({ kind }) => kind === "acknowledged");
  if (acted) {
    const who = acted.actor === null ? "Somebody" : nameInWords(acted.actor);
    const words = `${who} acknowledged it after ${lengthInWords(acted.at - openedAt)}.`;
    said.push(say(words, fact(words, { from: acted.at, incidentId: incident.id })));
  }
  return said;
}

function actionsFor(
  incident: Incident,
  own: Fact,
  { before, moved, often }: { before: Found; moved: Found; often: Often },
): Said[] {
  const actions: Said[] = [];
  if (incident.state === "open") actions.push(say("Acknowledge it, so that others know that somebody is at it.", own));
  if (before.what !== null && before.first) actions.push(say(`Look at this first: ${before.what}.`, before.first));
  if (moved.what !== null && moved.first) actions.push(say(`Find what made ${moved.what}.`, moved.first));
  if (often.what !== null && often.first)
    actions.push(say(`Find ${often.what}: a backup, a job or a report.`, often.first));
  else if (often.times >= 3)
    actions.push(
      say(
        "It keeps coming back: change what causes it, or the rule, if this is how things are meant to be.",
        ...(often.first ? [own, often.first] : [own]),
      ),
    );
  return actions;
}

const closed = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);
