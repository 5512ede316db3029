import type { Severity } from "../../contract/rule-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { SubjectFacts } from "../notify/scope.ts";
import type { NotificationMessage } from "../notify/table.ts";
import { REOPEN_WITHIN_MS } from "../settings.ts";
import { isAboutReach, type Firing, type Standing } from "./place.ts";
import type { IncidentMemberRow, IncidentRow } from "./table.ts";

/** A rule that has begun to fire for a subject, with all that is told of it. */
export interface Trouble extends Firing {
  ruleName: string;
  name: string;
  severity: Severity;
  value: number | null;
  threshold: number | null;
  reason: string;
  facts: SubjectFacts;
  isSilenced: boolean;
}

/** That it is over, or how bad it is now. */
export interface News {
  ruleId: string;
  subject: string;
  at: EpochMs;
  severity: Severity;
  value: number | null;
  threshold: number | null;
  reason: string;
}

/** An incident in memory, with whoever belongs to it. */
export interface Held {
  row: IncidentRow;
  members: Map<string, IncidentMemberRow>;
  facts: Map<string, SubjectFacts>;
  joinedAt: EpochMs;
}

const NAMES_IN_EVENT_MAX = 10;
const NAMES_TOLD_MAX = 50;

export const memberKey = (ruleId: string, subject: string) => `${ruleId} ${subject}`;

/** An incident that begins with this breach; nobody belongs to it yet. */
export function newRow(id: string, lead: Trouble, isSilenced: boolean, now: EpochMs): IncidentRow {
  const { severity, ruleId, ruleName, kind, subject, instanceId, reason, place } = lead;
  return {
    id,
    title: "",
    severity,
    state: "open",
    ruleId,
    ruleName,
    kind,
    subject,
    instanceId,
    reason,
    openedAt: now,
    updatedAt: now,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    members: 0,
    openMembers: 0,
    reopened: 0,
    isSilenced,
    tags: [],
    lastEvent: 0,
    place,
  };
}

/** Keys of those that are not well yet. */
export function openOf({ members }: Pick<Held, "members">): string[] {
  return [...members].flatMap(([key, { resolvedAt }]) => (resolvedAt === null ? [key] : []));
}

export function worstOf({ members }: Held): Severity {
  for (const { resolvedAt, severity } of members.values())
    if (resolvedAt === null && severity === "critical") return "critical";
  return "warning";
}

export function namesIn(of: readonly { name: string }[]): string {
  const names = [...new Set(of.map(({ name }) => name))];
  const more = names.length - NAMES_IN_EVENT_MAX;
  return names.slice(0, NAMES_IN_EVENT_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** As it is now: of those who are not well yet, or of all where it is over. */
export function messageOf(held: Held, metric: string | null, now: EpochMs): NotificationMessage {
  const { severity, state, title, reason, openedAt, ruleName, kind: ruleKind } = held.row;
  const shown = state === "resolved" ? [...held.members.values()] : openOf(held).map((key) => held.members.get(key)!);
  const names = [...new Set(shown.map(({ name }) => name))];
  const about = { members: names.length, names: names.slice(0, NAMES_TOLD_MAX) };
  return { severity, title, reason, at: now, openedAt, ruleName, ruleKind, metric, ...about };
}

/** The newest incident that this belonged to and that was over for it only lately. */
export function latelyResolved(all: Iterable<Held>, { ruleId, subject }: Trouble, now: EpochMs): Held | undefined {
  const key = memberKey(ruleId, subject);
  let found: Held | undefined;
  for (const held of all) {
    const resolvedAt = held.members.get(key)?.resolvedAt ?? null;
    if (resolvedAt === null || now - resolvedAt > REOPEN_WITHIN_MS) continue;
    if (!found || held.row.openedAt > found.row.openedAt) found = held;
  }
  return found;
}

/** Answers the incident in which nobody reaches a trouble's machine already. `open` by member. */
export function inTrouble(open: ReadonlyMap<string, Held>): (one: Trouble) => Held | undefined {
  const unreached = new Map<string, Held>();
  for (const [key, held] of open) {
    const { instanceId } = held.members.get(key)!;
    if (instanceId !== null && isAboutReach(held.row.kind) && !unreached.has(instanceId))
      unreached.set(instanceId, held);
  }
  return ({ kind, instanceId }) => (isAboutReach(kind) && instanceId !== null ? unreached.get(instanceId) : undefined);
}

/** A check and the agent of a machine that is known to be down are no news. */
export function isNewMachine({ members }: Held, machine: string, now: EpochMs): boolean {
  return ![...members.values()].some(
    ({ instanceId, subject, openedAt }) => (instanceId ?? subject) === machine && openedAt < now,
  );
}

/** The incidents that are open, as a breach that may join one sees them. */
export function* standings(open: ReadonlyMap<string, Held>): Generator<Standing & { held: Held }> {
  for (const held of new Set(open.values())) {
    const { id, ruleId, kind, place, openMembers } = held.row;
    const hasInstance = (wanted: string) => openOf(held).some((key) => held.members.get(key)!.instanceId === wanted);
    yield { id, ruleId, kind, place, joinedAt: held.joinedAt, openMembers, hasInstance, held };
  }
}
