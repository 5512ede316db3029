import type { EpochMs } from "../../contract/units.ts";
import { SAMPLE_AGE_MAX_MS } from "../../contract/limits.ts";
import { deleteExpired } from "../auth/store.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import { deleteSamplesBefore, deleteStreamsBefore } from "../series/store.ts";
import { RETENTION_ROWS_PER_TICK_MAX, SAMPLE_RETENTION_MS } from "../settings.ts";
import { saveTick } from "./store.ts";

/** The two-minute tick: each step bounded, a failing one does not stop the others, and what is left over waits for the next. */
export async function runTick(db: Database, now: EpochMs, clock: () => EpochMs): Promise<void> {
  let samplesDeleted = 0;
  const steps: Record<string, () => Promise<void>> = {
    async retention() {
      samplesDeleted = await deleteSamplesBefore(db, now - SAMPLE_RETENTION_MS, RETENTION_ROWS_PER_TICK_MAX);
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
  log({ event: "tick", durationMs, samplesDeleted });
}
