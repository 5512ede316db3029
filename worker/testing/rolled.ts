import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { Roller } from "../series/rolling.ts";

/** One turn of a roller that remembers nothing: it looks at every hour that has a place. Answers how many it rolled. */
export function rollDue(db: Database, settledBefore: EpochMs): Promise<number> {
  return new Roller(db, { read: async () => undefined, write: async () => {} }).roll(settledBefore);
}
