import type { SeriesKey } from "../../contract/metric.ts";
import type { Database } from "../db/client.ts";

/** Whether any instance has ever sent this custom series. Reads all there are: for what people do, not for samples. */
export async function isSentByAny(db: Database, key: SeriesKey): Promise<boolean> {
  const row = await db.$client.prepare("SELECT 1 AS found FROM custom_series WHERE key = ?1 LIMIT 1").bind(key).first();
  return row !== null;
}
