import type { AuditAction } from "../../contract/audit.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { Limiter } from "../limits/limiter.ts";
import { AUDIT_REFUSALS_PER_MINUTE_MAX } from "../settings.ts";
import { insertAuditEntry, insertRefusal } from "./store.ts";

/** Who did it; null for somebody who was not let in. */
export interface Actor {
  id: string | null;
  name: string | null;
  /** `browser`, or the name of an API token. */
  via: string | null;
  address: string | null;
}

export interface Done {
  action: AuditAction;
  subject?: string | null;
  /** What it was and what it is, in words; never a secret. */
  before?: string | null;
  after?: string | null;
}

export async function recordDone(db: Database, actor: Actor, done: Done, now: EpochMs): Promise<void> {
  await insertAuditEntry(db, entryOf(actor, done, null, now));
}

const refusals = new Limiter(AUDIT_REFUSALS_PER_MINUTE_MAX, 60_000);

/** Writes down that somebody was not let in, and why. Of many alike in a minute only some are kept, at no cost for the rest. */
export async function recordRefused(
  db: Database,
  actor: Actor,
  done: Done,
  reason: string,
  now: EpochMs,
): Promise<void> {
  if (refusals.take(`${done.action} ${actor.id ?? ""}`, now) > 0) return;
  await insertRefusal(db, entryOf(actor, done, reason, now));
}

function entryOf(actor: Actor, { action, subject, before, after }: Done, reason: string | null, now: EpochMs) {
  return {
    at: now,
    actor: actor.name,
    actorId: actor.id,
    via: actor.via,
    action,
    subject: subject ?? null,
    before: before ?? null,
    after: after ?? null,
    reason,
    address: actor.address,
  };
}
