import type { NotificationState } from "../../contract/notifications.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { NotificationRow } from "./table.ts";

/** Whether a notification whose time has come is still worth telling, by what the same channel was told of its incident. */

/** A notification without its message. */
export type Brief = Pick<
  NotificationRow,
  | "id"
  | "channelId"
  | "incidentId"
  | "eventNumber"
  | "kind"
  | "state"
  | "attempts"
  | "createdAt"
  | "nextAt"
  | "sentAt"
  | "answer"
>;

/** What stands with a notification that a digest stands for. Its `nextAt` is when that digest was made, and so says which one it is. */
export const IN_DIGEST = "Told in a digest, together with others.";

export function digestId(channelId: string, madeAt: EpochMs): string {
  return `digest.${madeAt}.${channelId}`;
}

/** Of one channel, of the incidents in question; kept up to date while it is told. */
export interface Known {
  /** By incident. */
  briefs: ReadonlyMap<string, Brief[]>;
  /** By id. */
  digests: Map<string, NotificationState>;
  /** Incidents that are over now. */
  over: ReadonlySet<string>;
  /** It hears that something is over. */
  tellsResolved: boolean;
}

export interface Drop {
  brief: Brief;
  why: string;
}

/** `later`: what comes before it has to be told first, and is not yet. */
export type Fate = "go" | "later" | readonly Drop[];

export function fateOf(row: Brief, known: Known, now: EpochMs): Fate {
  if (row.incidentId === null) return "go";
  const others = siblings(row, known);
  if (row.kind === "resolved") return fateOfResolved(row, others, known, now);
  const isOver =
    known.over.has(row.incidentId) ||
    others.some(({ kind, eventNumber }) => kind === "resolved" && eventNumber > row.eventNumber);
  if (row.kind === "reminder" && others.some((one) => isNews(one, row, known)))
    return [{ brief: row, why: "It was told only just." }];
  // One that waits because its channel fails is told nevertheless, and then that it is over: whoever reads it later sees what happened.
  const hasWaited = row.attempts === 0 && (row.nextAt > row.createdAt || !known.tellsResolved);
  const isAside = row.kind === "reminder" || row.kind === "members";
  return isOver && (hasWaited || isAside) ? [{ brief: row, why: "It was over before it was to be told." }] : "go";
}

/** Whether its channel hears of the incident by another one, or has since the reminder was put out. */
function isNews(one: Brief, reminder: Brief, known: Known): boolean {
  if (one.kind === "reminder" || one.kind === "resolved") return false;
  if (one.state === "waiting") return true;
  const toldAt = one.sentAt ?? (digestStateOf(one, known) === undefined ? 0 : one.nextAt);
  return toldAt > reminder.createdAt;
}

/** What waited for its own time and is told with this one: afterwards it would come after what happened after it. */
export function overtakenBy(row: Brief, known: Known): Drop[] {
  if (row.incidentId === null) return [];
  return siblings(row, known)
    .filter(
      ({ state, attempts, eventNumber }) => state === "waiting" && attempts === 0 && eventNumber < row.eventNumber,
    )
    .map((brief) => ({ brief, why: "What happened since was told first, and tells this too." }));
}

/** Whether its channel has heard of it. */
function isTold(brief: Brief, known: Known): boolean {
  return brief.state === "sent" || digestStateOf(brief, known) === "sent";
}

/** Where the digest that it is in stands. */
function digestStateOf({ channelId, state, answer, nextAt }: Brief, { digests }: Known): NotificationState | undefined {
  return state === "dropped" && answer === IN_DIGEST ? digests.get(digestId(channelId, nextAt)) : undefined;
}

/** Whether the last that its channel has heard of the incident before this is that something is wrong. */
function fateOfResolved(row: Brief, others: readonly Brief[], known: Known, now: EpochMs): Fate {
  const before = others.filter(({ eventNumber }) => eventNumber < row.eventNumber);
  const lastTold = before.findLast((one) => isTold(one, known));
  if (lastTold && lastTold.kind !== "resolved") return "go";
  const untold = before.slice(lastTold ? before.indexOf(lastTold) + 1 : 0);
  const isComing = (one: Brief) =>
    (one.state === "waiting" && !isScheduled(one, now)) || digestStateOf(one, known) === "waiting";
  if (untold.some(isComing)) return "later";
  const parked = untold.filter(({ state }) => state === "parked");
  const scheduled = untold.filter(({ state }) => state === "waiting");
  return [
    ...parked.map((brief) => ({ brief, why: `It is over now. It could not be told: ${brief.answer ?? "no answer"}` })),
    ...scheduled.map((brief) => ({ brief, why: "It was over before it was to be told." })),
    { brief: row, why: "This channel was not told that it had begun." },
  ];
}

/** Waits for its own time, not for a channel that fails. */
function isScheduled({ state, attempts, nextAt }: Brief, now: EpochMs): boolean {
  return state === "waiting" && attempts === 0 && nextAt > now;
}

function siblings({ id, incidentId }: Brief, { briefs }: Known): Brief[] {
  return (briefs.get(incidentId!) ?? [])
    .filter((one) => one.id !== id)
    .sort((a, b) => a.eventNumber - b.eventNumber || a.createdAt - b.createdAt);
}
