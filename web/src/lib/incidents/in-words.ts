import { INCIDENT_EVENTS } from "../../../../contract/incident-kinds.ts";
import type { Incident, IncidentEvent } from "../../../../contract/incidents.ts";
import type { ShownNotification } from "../../../../contract/notifications.ts";
import type { Severity } from "../../../../contract/rule-kinds.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { checkHref } from "../checks/kinds.ts";
import { CHECK_ID_PREFIX } from "../../../../contract/limits.ts";
import { formatAgo } from "../format/ago.ts";
import { formatMoment, formatUntil } from "../format/day.ts";
import { formatDuration } from "../format/duration.ts";
import { instanceHref } from "../instance/status-in-words.ts";
import type { IncidentAction } from "./incident-list.svelte.ts";

export const SEVERITY_WORDS: Record<Severity, string> = { critical: "Critical", warning: "Warning" };

/** The page of what an incident, a rule's state or a member is about. */
export function subjectHref(subject: string): string {
  return subject.startsWith(CHECK_ID_PREFIX) ? checkHref(subject) : instanceHref(subject);
}

export function silenceHref(subject: string): string {
  return `/alerts/silences?new&subject=${encodeURIComponent(subject)}`;
}

/** Since when, as a cell has room for it, and the exact moments for whoever points at it. */
export function sinceInWords(
  { openedAt, resolvedAt }: Pick<Incident, "openedAt" | "resolvedAt">,
  now: EpochMs,
): { text: string; title: string } {
  if (resolvedAt === null) return { text: formatAgo(openedAt, now), title: `Since ${formatMoment(openedAt)}` };
  return {
    text: formatAgo(resolvedAt, now),
    title: `${formatMoment(openedAt)} to ${formatMoment(resolvedAt)}: ${formatDuration(resolvedAt - openedAt)}`,
  };
}

/** The state in a sentence, for the head of the incident's page. */
export function stateInWords(incident: Incident, now: EpochMs): string {
  const { state, openedAt, resolvedAt, acknowledgedAt, acknowledgedBy, reopened } = incident;
  const again = reopened === 0 ? "" : `, came back ${reopened === 1 ? "once" : `${reopened} times`}`;
  if (state === "resolved" && resolvedAt !== null) {
    return `Over since ${formatMoment(resolvedAt)}, lasted ${formatDuration(resolvedAt - openedAt)}${again}`;
  }
  const open = `Open for ${formatDuration(now - openedAt)}, since ${formatMoment(openedAt)}${again}`;
  if (state !== "acknowledged" || acknowledgedAt === null) return open;
  return `${open}. Acknowledged by ${acknowledgedBy ?? "somebody"} ${formatAgo(acknowledgedAt, now)}`;
}

/** How many are still affected of all that were: `3 of 14`. */
export function membersInWords({ members, openMembers, state }: Pick<Incident, "members" | "openMembers" | "state">) {
  const all = members.toLocaleString("en");
  return state === "resolved" || openMembers === members ? all : `${openMembers.toLocaleString("en")} of ${all}`;
}

/** One event of the timeline: what happened and who did it, and what was said with it. */
export function eventInWords({ kind, actor, words }: IncidentEvent): { title: string; detail: string | undefined } {
  const detail = words || undefined;
  if (actor === null) return { title: INCIDENT_EVENTS[kind], detail };
  if (kind === "unacknowledged") return { title: `Acknowledgement taken back by ${actor}`, detail };
  if (kind === "noted") return { title: `Note by ${actor}`, detail };
  return { title: `${INCIDENT_EVENTS[kind]} by ${actor}`, detail };
}

export const NOTIFICATION_WORDS: Record<ShownNotification["kind"], string> = {
  firing: "Opened",
  worsened: "Became critical",
  reopened: "Came back",
  members: "More of them",
  reminder: "Reminder",
  resolved: "Over",
  digest: "Digest",
  trouble: "Trouble with a channel",
};

/** Where a notification stands; `tone` is bad only where somebody has to do something. */
export function notificationInWords(
  {
    state,
    createdAt,
    sentAt,
    nextAt,
    attempts,
  }: Pick<ShownNotification, "state" | "createdAt" | "sentAt" | "nextAt" | "attempts">,
  now: EpochMs,
): { text: string; title: string; tone: "good" | "wait" | "bad" | "none" } {
  const tries = attempts > 1 ? ` after ${attempts} attempts` : "";
  switch (state) {
    case "sent":
      return {
        text: `Sent ${formatAgo(sentAt ?? createdAt, now)}${tries}`,
        title: formatMoment(sentAt ?? createdAt),
        tone: "good",
      };
    case "waiting":
      return {
        text:
          nextAt !== null && nextAt > now
            ? `${attempts > 0 ? "Next attempt" : "To be sent"} ${formatUntil(nextAt, now)}`
            : "About to be sent",
        title: formatMoment(nextAt ?? createdAt),
        tone: "wait",
      };
    case "parked":
      return { text: `Could not be sent${tries}`, title: formatMoment(createdAt), tone: "bad" };
    case "dropped":
      return { text: "Not sent: nobody needs it any more", title: formatMoment(createdAt), tone: "none" };
  }
}

/** What each action is called, and what becomes of an incident by it. */
export const ACTION_WORDS: Record<IncidentAction, { label: string; tells: string }> = {
  acknowledge: {
    label: "Acknowledge",
    tells: "Tells everybody that you look after it. Reminders stop until it becomes worse, comes back, or is over.",
  },
  unacknowledge: { label: "Take back", tells: "Nobody looks after it any more: it calls again." },
  note: { label: "Note", tells: "What whoever looks at this next should know." },
  resolve: {
    label: "Resolve",
    tells: "It counts as over, whatever is measured. It comes back when the breach lasts again.",
  },
};

/** What was done, said once it was: `3 incidents were acknowledged.` */
export function doneInWords(action: IncidentAction, incidents: number): string {
  if (incidents === 0) return "Nothing had to be changed: somebody was faster, or it is over.";
  const many = incidents === 1 ? "1 incident was" : `${incidents.toLocaleString("en")} incidents were`;
  switch (action) {
    case "acknowledge":
      return `${many} acknowledged.`;
    case "unacknowledge":
      return incidents === 1 ? "It calls again." : `${incidents.toLocaleString("en")} incidents call again.`;
    case "note":
      return incidents === 1
        ? "The note was kept."
        : `The note was kept with ${incidents.toLocaleString("en")} incidents.`;
    case "resolve":
      return `${many} resolved.`;
  }
}

/** What came and what passed while the list stood still: `2 new, 1 over`. */
export function waitingInWords(fresh: number, passed: number): string {
  return [fresh > 0 && `${fresh} new`, passed > 0 && `${passed} over`].filter(Boolean).join(", ");
}
