import type { EpochMs } from "../../contract/units.ts";
import { SAMPLE_AGE_MAX_MS } from "../../contract/limits.ts";
import { deleteExpired } from "../auth/store.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import { journalAge } from "../series/journal-store.ts";
import { deleteBlocksBefore, deleteStreamsBefore } from "../series/store.ts";
import { JOURNAL_AGE_MAX_MS, RETENTION_BLOCKS_PER_TICK_MAX, SAMPLE_RETENTION_MS } from "../settings.ts";
import { saveTick } from "./store.ts";

/** What the tick asks of the shard. */
export interface Shard {
  pack(): Promise<void>;
}

/** The two-minute tick: each step bounded, a failing one does not stop the others, and what is left over waits for the next. */
export async function runTick(db: Database, shard: Shard, now: EpochMs, clock: () => EpochMs): Promise<void> {
  let blocksDeleted = 0;
  const steps: Record<string, () => Promise<void>> = {
    async pack() {
      // Asked of the database first: a shard that sleeps is not woken for nothing.
      const { packedAt, isEmpty } = await journalAge(db);
      if (!isEmpty && now - packedAt >= JOURNAL_AGE_MAX_MS) await shard.pack();
    },
    async retention() {
      blocksDeleted = await deleteBlocksBefore(db, now - SAMPLE_RETENTION_MS, RETENTION_BLOCKS_PER_TICK_MAX);
    },
    streams: () => deleteStreamsBefore(db, now - SAMPLE_AGE_MAX_MS),
    sessions: () => deleteExpired(db, now),
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
