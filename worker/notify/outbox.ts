import type { NotificationKind } from "../../contract/notifications.ts";
import type { Severity } from "../../contract/rule-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";
import { MEMBERS_GATHER_MS } from "../settings.ts";
import { coversSubject, type SubjectFacts } from "./scope.ts";
import type { ChannelRow, NotificationMessage, NotificationRow } from "./table.ts";
import { TROUBLE_AGAIN_MS, TROUBLE_GATHER_MS, troublePrefix } from "./trouble.ts";
import { quietUntil } from "./windows.ts";

/** Which channel is to hear what, and when at the earliest: rows that go into the database with what they tell of. */

/** Something that happened to an incident and that channels are to hear of. */
export interface Told {
  incidentId: string;
  /** Of the incident: grows with all that happens to it. */
  eventNumber: number;
  kind: Extract<NotificationKind, "firing" | "worsened" | "reopened" | "resolved" | "members">;
  message: NotificationMessage;
  /** Of all its members. */
  facts: readonly SubjectFacts[];
  /** Somebody is at it: it does not go to the next steps. */
  isAcknowledged?: boolean;
  /** Nobody is at it any more: it goes to the next steps alone, and to those that have heard nothing of it. */
  isForNextSteps?: boolean;
}

/** What goes into the database: the row, and whether it goes only to a channel that has heard nothing of the incident. */
export type OutboxRow = NotificationRow & { isForUnheard?: true };

/** An incident that nobody has acknowledged, for the reminder of it. */
export interface Remindable {
  incidentId: string;
  /** Its last one. */
  eventNumber: number;
  /** When it opened, or opened again. */
  since: EpochMs;
  message: NotificationMessage;
  facts: readonly SubjectFacts[];
}

/** The same for the same event and channel: what is put in twice is there once. */
export function rowsFor(told: readonly Told[], channels: readonly ChannelRow[], now: EpochMs): OutboxRow[] {
  return told.flatMap((one) =>
    channels.filter((channel) => isFor(one, channel)).map((channel) => row(one, channel, now)),
  );
}

/** The reminder that is due by now; null where the channel wants none, or none yet. The same one twice is there once. */
export function reminderRow(one: Remindable, channel: ChannelRow, now: EpochMs): NotificationRow | null {
  const count = reminderCount(one, channel, now);
  if (count === null || count < 1) return null;
  const { incidentId, eventNumber, since, message } = one;
  return {
    ...waiting(channel.id, message, now),
    id: `${incidentId}.${since}.reminder-${count}.${channel.id}`,
    incidentId,
    eventNumber,
    kind: "reminder",
    nextAt: afterQuietHours(channel, message.severity, now),
  };
}

/** When the next reminder is due; null where the channel wants none. */
export function nextReminderAt(one: Remindable, channel: ChannelRow, now: EpochMs): EpochMs | null {
  const count = reminderCount(one, channel, now);
  return count === null ? null : one.since + channel.afterMs + (count + 1) * channel.repeatMs!;
}

/** One notification that stands for many, each incident as it stood last. */
export function digestOf(rows: readonly NotificationRow[]): NotificationMessage {
  const last = new Map<string, NotificationRow>();
  const ordered = rows.filter(({ incidentId }) => incidentId !== null).toSorted(inOrder);
  for (const one of ordered) last.set(one.incidentId!, one);
  const incidents = [...last].map(
    ([
      id,
      {
        kind,
        message: { title, severity },
      },
    ]) => {
      return { id, title, severity, isResolved: kind === "resolved" };
    },
  );
  const open = incidents.filter(({ isResolved }) => !isResolved);
  const messages = [...last.values()].map(({ message }) => message);
  const rules = [...new Set(messages.map(({ ruleName }) => ruleName))];
  return {
    severity: (open.length > 0 ? open : incidents).some(({ severity }) => severity === "critical")
      ? "critical"
      : "warning",
    title: digestTitle(open.length, incidents.length - open.length),
    reason: "Much happened at once, so it is told together.",
    at: Math.max(...messages.map(({ at }) => at)),
    openedAt: Math.min(...messages.map(({ openedAt }) => openedAt)),
    ruleName: rules.length === 1 ? rules[0]! : `${rules.length} rules`,
    ruleKind: messages[0]!.ruleKind,
    members: messages.reduce((sum, { members }) => sum + members, 0),
    names: [],
    incidents,
  };
}

/**
 * That a channel has begun to fail, for each that is to hear of it; the same whenever it is made for the same problem. `lastToldAt`: when the same channel's
 * last one was told; null: never.
 */
export function troubleRows(
  broken: Pick<ChannelRow, "id" | "name">,
  problem: { message: string; since: EpochMs },
  severity: Severity,
  others: readonly ChannelRow[],
  now: EpochMs,
  lastToldAt: EpochMs | null = null,
): NotificationRow[] {
  const message: NotificationMessage = {
    severity,
    title: `The channel ${broken.name} does not work`,
    reason: problem.message,
    at: now,
    openedAt: problem.since,
    ruleName: "",
    ruleKind: "",
    members: 1,
    names: [broken.name],
    channelIds: [broken.id],
  };
  const at = Math.max(now + TROUBLE_GATHER_MS, lastToldAt === null ? 0 : lastToldAt + TROUBLE_AGAIN_MS);
  const sound = others.filter(({ id, isEnabled, problem: own }) => id !== broken.id && isEnabled && own === null);
  return hearers(sound, severity).map((channel) => ({
    ...waiting(channel.id, message, now),
    id: `${troublePrefix(broken.id)}${problem.since}.${channel.id}`,
    kind: "trouble",
    nextAt: afterQuietHours(channel, severity, at),
  }));
}

/** A row as it begins. */
export function waiting(channelId: string, message: NotificationMessage, now: EpochMs) {
  return {
    channelId,
    incidentId: null,
    eventNumber: 0,
    state: "waiting",
    message,
    createdAt: now,
    nextAt: now,
    sentAt: null,
    attempts: 0,
    answer: null,
  } satisfies Partial<NotificationRow>;
}

/** Digests stand for what was before; else what happened first is told first. */
export function inOrder(a: Ordered, b: Ordered): number {
  return (
    Number(b.kind === "digest") - Number(a.kind === "digest") ||
    (a.incidentId !== null && a.incidentId === b.incidentId ? a.eventNumber - b.eventNumber : 0) ||
    a.createdAt - b.createdAt ||
    a.eventNumber - b.eventNumber ||
    (a.id < b.id ? -1 : 1)
  );
}
type Ordered = Pick<NotificationRow, "id" | "kind" | "incidentId" | "eventNumber" | "createdAt">;

function isFor({ kind, message, facts, isAcknowledged, isForNextSteps }: Told, channel: ChannelRow): boolean {
  // Whoever was told is to hear that it is over, whatever has become of it and of the channel since; who was, only the database knows.
  if (kind === "resolved") return channel.isEnabled && channel.tellsResolved;
  const isNextStep = channel.afterMs > 0;
  if (isAcknowledged ? isNextStep : isForNextSteps && !isNextStep) return false;
  return channel.isEnabled && isInScope(facts, channel) && isBadEnough(message.severity, channel);
}

function isInScope(facts: readonly SubjectFacts[], { scope }: ChannelRow): boolean {
  return facts.some((one) => coversSubject(scope, one));
}

function isBadEnough(severity: Severity, { minSeverity }: ChannelRow): boolean {
  return severity === "critical" || minSeverity === "warning";
}

function row(one: Told, channel: ChannelRow, now: EpochMs): OutboxRow {
  const { incidentId, eventNumber, kind, message, isForNextSteps } = one;
  const waits = kind === "resolved" ? 0 : Math.max(channel.afterMs, kind === "members" ? MEMBERS_GATHER_MS : 0);
  return {
    ...waiting(channel.id, message, now),
    id: `${incidentId}.${eventNumber}.${channel.id}`,
    incidentId,
    eventNumber,
    kind,
    nextAt: afterQuietHours(channel, message.severity, now + waits),
    ...(isForNextSteps && { isForUnheard: true }),
  };
}

export function afterQuietHours({ quietHours }: ChannelRow, severity: Severity, at: EpochMs): EpochMs {
  if (!quietHours || (severity === "critical" && quietHours.letsCriticalThrough)) return at;
  return quietUntil(quietHours, at) ?? at;
}

/** Whoever hears of everything. Where nobody does, those that want it as mild; where none of them, all: better one too many than nobody. */
function hearers(channels: readonly ChannelRow[], severity: Severity): readonly ChannelRow[] {
  const allowed = channels.filter((channel) => isBadEnough(severity, channel));
  const unlimited = allowed.filter(({ scope }) => Object.values(scope).every((named) => named.length === 0));
  return [unlimited, allowed, channels].find((some) => some.length > 0) ?? [];
}

/** How many reminders there should have been; null where there are to be none. */
function reminderCount({ since, message, facts }: Remindable, channel: ChannelRow, now: EpochMs): number | null {
  const { isEnabled, repeatMs, afterMs } = channel;
  if (!isEnabled || repeatMs === null || !isBadEnough(message.severity, channel)) return null;
  if (!isInScope(facts, channel)) return null;
  return Math.max(0, Math.floor((now - since - afterMs) / repeatMs));
}

function digestTitle(open: number, over: number): string {
  const incidents = (count: number) => `${count} incident${count === 1 ? "" : "s"}`;
  if (over === 0) return incidents(open);
  return open === 0 ? `${incidents(over)} resolved` : `${incidents(open)}, and ${over} resolved`;
}
