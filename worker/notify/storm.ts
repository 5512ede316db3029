import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { DIGEST_PAUSES_MS, SINGLE_INCIDENTS_MAX, SINGLE_INCIDENTS_WITHIN_MS } from "../settings.ts";
import type { NotificationRow } from "./table.ts";

/** What a channel was sent lately. */
export interface Pace {
  singles: { incidentId: string; at: EpochMs }[];
  /** Digests since the storm began; 0: there is none. */
  digests: number;
  lastDigestAt: EpochMs;
}

export const CALM: Pace = { singles: [], digests: 0, lastDigestAt: 0 };

/** Messages within a minute, however few incidents they are of: three that come and go have as much to tell as many. */
const SINGLES_MAX = 5;
/** What is critical waits for no longer than this behind anything. */
const URGENT_PAUSE_MS: DurationMs = 30_000;

/** How the next notification may go. */
export type Turn = { as: "single" | "digest"; isOver: boolean } | { as: "later"; at: EpochMs };

/** That something critical has begun. In the words of `IS_URGENT` in `sending-store.ts`. */
export function isUrgent({ kind, message }: Pick<NotificationRow, "kind" | "message">): boolean {
  return message.severity === "critical" && (kind === "firing" || kind === "worsened" || kind === "reopened");
}

/**
 * A few incidents are told one by one. What is more goes into digests, further and further apart while it goes on; where it is few again
 * when the next digest may be sent, the storm is over. `waiting`: the incident of each notification that is due, the one whose turn it is
 * first. `hasUrgent`: something critical is among them.
 */
export function turnOf(pace: Pace, waiting: readonly string[], hasUrgent: boolean, now: EpochMs): Turn {
  const at = holdsUntil(pace, now, hasUrgent);
  if (at !== null) return { as: "later", at };
  const lately = new Set(latelyOf(pace, now).map(({ incidentId }) => incidentId));
  const isMuch = sentLately(pace, now).length + waiting.length > SINGLES_MAX;
  if (digestsBy(pace, now) > 0) {
    // One that opens early for what is critical says nothing of how much there is.
    const isFew = !isMuch && new Set([...lately, ...waiting]).size <= SINGLE_INCIDENTS_MAX;
    const isOver = isFew && holdsUntil(pace, now) === null;
    return { as: isOver ? "single" : "digest", isOver };
  }
  const isFew = lately.size < SINGLE_INCIDENTS_MAX || lately.has(waiting[0]!);
  const isTooMuch = isMuch && lately.size >= SINGLE_INCIDENTS_MAX && new Set(waiting).size > 1;
  return { as: isFew && !isTooMuch ? "single" : "digest", isOver: false };
}

/** Nothing but what stands for others is sent until then; null: it may be. `isUrgent`: for something critical. */
export function holdsUntil(pace: Pace, now: EpochMs, isUrgent = false): EpochMs | null {
  const { digests, lastDigestAt } = pace;
  let opensAt: EpochMs;
  let last = lastDigestAt;
  if (digests > 0) opensAt = lastDigestAt + DIGEST_PAUSES_MS[Math.min(digests, DIGEST_PAUSES_MS.length) - 1]!;
  else {
    const sent = sentLately(pace, now);
    if (sent.length < SINGLES_MAX) return null;
    opensAt = sent.at(-SINGLES_MAX)! + SINGLE_INCIDENTS_WITHIN_MS;
    last = sent.at(-1)!;
  }
  if (isUrgent) opensAt = Math.min(opensAt, last + URGENT_PAUSE_MS);
  return now < opensAt ? opensAt : null;
}

export function afterSingle(pace: Pace, incidentId: string, now: EpochMs): Pace {
  return { ...pace, singles: [...latelyOf(pace, now), { incidentId, at: now }] };
}

export function afterDigest(pace: Pace, now: EpochMs): Pace {
  return { ...pace, digests: digestsBy(pace, now) + 1, lastDigestAt: now };
}

/** From what the database remembers of the last while, in order of time: for whoever has just begun. */
export function paceOf(sent: readonly { incidentId: string | null; isDigest: boolean; sentAt: EpochMs }[]): Pace {
  let pace = CALM;
  for (const { incidentId, isDigest, sentAt } of sent) {
    if (isDigest) pace = afterDigest(pace, sentAt);
    else if (incidentId !== null) pace = afterSingle(pace, incidentId, sentAt);
  }
  return pace;
}

function latelyOf({ singles }: Pace, now: EpochMs): Pace["singles"] {
  return singles.filter(({ at }) => at > now - SINGLE_INCIDENTS_WITHIN_MS);
}

/** When, in order; the last digest too. */
function sentLately(pace: Pace, now: EpochMs): EpochMs[] {
  const times = latelyOf(pace, now).map(({ at }) => at);
  if (pace.lastDigestAt > now - SINGLE_INCIDENTS_WITHIN_MS) times.push(pace.lastDigestAt);
  return times.toSorted((a, b) => a - b);
}

/** A storm whose last digest is long past is over, though nothing has come since that would have shown it. */
function digestsBy({ digests, lastDigestAt }: Pace, now: EpochMs): number {
  return now - lastDigestAt > 2 * DIGEST_PAUSES_MS.at(-1)! ? 0 : digests;
}
