import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { SAMPLE_AGE_MAX_MS } from "../../contract/limits.ts";
import { SEALED_COLUMNS } from "../accounts/sealed-columns.ts";
import { deleteStale } from "../accounts/store.ts";
import { recordDone } from "../audit/record.ts";
import { deleteAuditEntriesBefore } from "../audit/store.ts";
import { deleteExpired } from "../auth/store.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import { journalAge } from "../series/journal-store.ts";
import { deleteBlocksBefore, deleteStreamsBefore } from "../series/store.ts";
import {
  AUDIT_ENTRIES_PER_TICK_MAX,
  JOURNAL_AGE_MAX_MS,
  RESEALED_PER_TICK_MAX,
  RETENTION_BLOCKS_PER_TICK_MAX,
  SAMPLE_RETENTION_MS,
  TICK_EVERY_MS,
} from "../settings.ts";
import { reseal } from "../vault/reseal.ts";
import type { Vault } from "../vault/vault.ts";
import { saveTick } from "./store.ts";

/** What the tick asks of others. */
export interface Others {
  pack(): Promise<void>;
  endStaleSockets(): Promise<void>;
  sweepDesk(): Promise<void>;
  vault(): Vault;
  auditRetentionMs: DurationMs;
}

/** The two-minute tick: each step bounded, a failing one does not stop the others, and what is left over waits for the next. */
export async function runTick(db: Database, others: Others, now: EpochMs, clock: () => EpochMs): Promise<void> {
  let blocksDeleted = 0;
  const steps: Record<string, () => Promise<void>> = {
    async pack() {
      // Asked of the database first: a shard that sleeps is not woken for nothing.
      const { packedAt, isEmpty } = await journalAge(db);
      if (!isEmpty && now - packedAt >= JOURNAL_AGE_MAX_MS) await others.pack();
    },
    async retention() {
      blocksDeleted = await deleteBlocksBefore(db, now - SAMPLE_RETENTION_MS, RETENTION_BLOCKS_PER_TICK_MAX);
    },
    streams: () => deleteStreamsBefore(db, now - SAMPLE_AGE_MAX_MS),
    sessions: () => deleteExpired(db, now),
    sockets: () => others.endStaleSockets(),
    signIns: () => deleteStale(db, now),
    audit: () => deleteAuditEntriesBefore(db, now - others.auditRetentionMs, AUDIT_ENTRIES_PER_TICK_MAX),
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
  log({ event: "tick", durationMs, blocksDeleted });
}

function isFirstTickOfDay(now: EpochMs): boolean {
  return now % 86_400_000 < TICK_EVERY_MS;
}
