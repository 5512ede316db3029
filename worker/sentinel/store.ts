import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { tick } from "./table.ts";

const ONLY_ROW = 1;

export async function saveTick(db: Database, finishedAt: EpochMs, durationMs: DurationMs): Promise<void> {
  await db
    .insert(tick)
    .values({ id: ONLY_ROW, finishedAt, durationMs })
    .onConflictDoUpdate({ target: tick.id, set: { finishedAt, durationMs } });
}

export async function lastTick(db: Database) {
  return db.select().from(tick).get();
}
