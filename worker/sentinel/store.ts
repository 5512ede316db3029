import type { TickStep } from "../../contract/health.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { tick } from "./table.ts";

const ONLY_ROW = 1;

export async function saveTick(
  db: Database,
  finishedAt: EpochMs,
  durationMs: DurationMs,
  steps: TickStep[],
): Promise<void> {
  const row = { finishedAt, durationMs, steps };
  await db
    .insert(tick)
    .values({ id: ONLY_ROW, ...row })
    .onConflictDoUpdate({ target: tick.id, set: row });
}

export async function lastTick(db: Database) {
  return db.select().from(tick).get();
}
