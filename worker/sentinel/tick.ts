import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { SAMPLE_AGE_MAX_MS } from "../../contract/limits.ts";
import { SEALED_COLUMNS } from "../accounts/sealed-columns.ts";
import { deleteStale } from "../accounts/store.ts";
import { recordDone } from "../audit/record.ts";
import { deleteAuditEntriesBefore } from "../audit/store.ts";
import { deleteExpired } from "../auth/store.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import { deleteExpiredBlocks } from "../series/block-store.ts";
import { deleteEmptyRings } from "../series/ring-store.ts";
import { deleteStreamsBefore } from "../series/store.ts";
import {
  AUDIT_ENTRIES_PER_DAY_MAX,
  EXPIRED_BLOCKS_PER_DAY_MAX,
  RESEALED_PER_TICK_MAX,
  TICK_EVERY_MS,
} from "../settings.ts";
import { reseal } from "../vault/reseal.ts";
import type { Vault } from "../vault/vault.ts";
import { saveTick } from "./store.ts";

/** What the tick asks of others. */
export interface Others {
  shard(): Promise<{ hoursRolled: number }>;
  endStaleSockets(): Promise<void>;
  sweepDesk(): Promise<void>;
  vault(): Vault;
  auditRetentionMs: DurationMs;
}

/** The two-minute tick: each step bounded, a failing one does not stop the others, and what is left over waits for the next. */
export async function runTick(db: Database, others: Others, now: EpochMs, clock: () => EpochMs): Promise<void> {
  let blocksExpired = 0;
  let hoursRolled = 0;
  const steps: Record<string, () => Promise<void>> = {
    async expired() {
      // Looking through all of them is paid too, and rings need it only where an instance fell silent or days were lowered.
      if (!isFirstTickOfDay(now)) return;
      blocksExpired = await deleteExpiredBlocks(db, now, EXPIRED_BLOCKS_PER_DAY_MAX);
      await deleteEmptyRings(db);
    },
    async streams() {
      if (isFirstTickOfDay(now)) await deleteStreamsBefore(db, now - SAMPLE_AGE_MAX_MS);
    },
    sessions: () => deleteExpired(db, now),
    sockets: () => others.endStaleSockets(),
    signIns: () => deleteStale(db, now),
    async audit() {
      if (isFirstTickOfDay(now))
        await deleteAuditEntriesBefore(db, now - others.auditRetentionMs, AUDIT_ENTRIES_PER_DAY_MAX);
    },
    async attempts() {
      // A count is kept for two days; once a day is often enough to look.
      if (isFirstTickOfDay(now)) await others.sweepDesk();
    },
    async secrets() {
      const resealed = await reseal(db, others.vault(), SEALED_COLUMNS, RESEALED_PER_TICK_MAX);
      if (resealed === 0) return;
      const actor = { id: null, name: "Nephos", via: null, address: null };
      await recordDone(db, actor, { action: "secrets.resealed", after: `${resealed} secrets` }, now);
    },
    // Last, so that what the others have used is told with it.
    async shard() {
      hoursRolled = (await others.shard()).hoursRolled;
    },
  };
  for (const [step, run] of Object.entries(steps)) {
    try {
      await run();
    } catch (error) {
      log({ event: "tick_step_failed", step, message: messageOf(error) });
    }
  }
  const durationMs = clock() - now;
  await saveTick(db, clock(), durationMs);
  log({ event: "tick", durationMs, blocksExpired, hoursRolled });
}

function isFirstTickOfDay(now: EpochMs): boolean {
  return now % 86_400_000 < TICK_EVERY_MS;
}
