import { env } from "cloudflare:workers";
import type { Readings, SeriesKey } from "../../contract/metric.ts";
import type { Tier } from "../../contract/series.ts";
import type { EpochMs } from "../../contract/units.ts";
import { database } from "../db/client.ts";
import { Flusher } from "../live/flusher.ts";
import { Tails } from "../live/tails.ts";
import { packKey } from "../series/packed.ts";
import { readWindow } from "../series/query.ts";
import { readRetention } from "../series/ring-store.ts";
import { TIER_SPECS } from "../series/tiers.ts";
import { usage } from "../usage.ts";

/** History put straight into the database by the same code that the shard uses, at any time of the past. */
export const db = database(env.DB);

export async function knowInstance(id: string, tags: string[] = [], intervalMs = 30_000): Promise<void> {
  await env.DB.prepare(
    `INSERT OR IGNORE INTO instance (id, name, interval_ms, clock_offset_ms, first_seen_at, tags)
     VALUES (?1, ?1, ?2, 0, 0, ?3)`,
  )
    .bind(id, intervalMs, JSON.stringify(tags))
    .run();
}

export interface Reading {
  at: EpochMs;
  metrics: Readings;
  seq?: number;
  stream?: number;
}

/** What is put in and asked for where one series is as good as another. */
export const KEY = "load_1m";
const QUARTER_MS = 6 * 3_600_000;
/** When the last whole quarter of a day that is over began. */
export const QUARTER = Math.floor(Date.now() / QUARTER_MS) * QUARTER_MS - QUARTER_MS;

/** What a window is asked with: that series, where `asked` names no other. */
export function query(asked: Record<string, unknown>): URLSearchParams {
  return new URLSearchParams({
    metrics: KEY,
    ...Object.fromEntries(Object.entries(asked).map(([k, v]) => [k, String(v)])),
  });
}

/** Into raw blocks, as the shard writes them. */
export async function putSamples(instanceId: string, readings: readonly Reading[]): Promise<void> {
  const tails = new Tails();
  tails.add(
    instanceId,
    readings.map(({ at, metrics, seq = at, stream = 1 }) => ({
      at,
      stream,
      seq,
      keys: Object.keys(metrics).map(packKey),
      values: Float64Array.from(Object.values(metrics)),
      takenAt: at,
      isJournaled: false,
    })),
  );
  const flusher = new Flusher(db, tails, () => 600_000, {
    writing: async () => {},
    flushed: () => {},
    unreadable: () => {},
  });
  await flusher.flushNow(Date.now());
}

/** What one series has in a tier, each point with its lowest, mean and highest where it was merged. */
export async function seriesIn(tier: Tier, id: string, key: SeriesKey, from: EpochMs, to: EpochMs, now = to) {
  const asked = { instanceIds: [id], keys: [key], from, to };
  const { windows, blocksUnreadable } = await readWindow(
    db,
    TIER_SPECS[tier],
    asked,
    { waiting: new Map(), unrolled: undefined },
    await readRetention(db),
    now,
  );
  const { at, points } = windows.get(id)!;
  return { at, ...points[0]!, unreadable: blocksUnreadable.get(id) ?? 0 };
}

/** Rows the database says were written meanwhile. */
export async function rowsWrittenBy(run: () => Promise<unknown>): Promise<number> {
  usage.take();
  await run();
  return usage.take().rowsWritten;
}

export interface BlockRow {
  tier: number;
  slot: number;
  bucket: number;
  version: number;
  count: number;
  covers: string | null;
}

export async function blockRows(id: string, tier: Tier): Promise<BlockRow[]> {
  const { results } = await env.DB.prepare(
    "SELECT tier, slot, bucket, version, count, covers FROM block WHERE instance_id = ?1 AND tier = ?2 ORDER BY bucket, slot",
  )
    .bind(id, TIER_SPECS[tier].number)
    .all<BlockRow>();
  return results;
}

/** Bytes of these blocks that nobody wrote. */
export async function damageBlocks(id: string, tier: Tier, bucket: number): Promise<void> {
  const { meta } = await env.DB.prepare(
    "UPDATE block SET data = randomblob(length(data)) WHERE instance_id = ?1 AND tier = ?2 AND bucket = ?3",
  )
    .bind(id, TIER_SPECS[tier].number, bucket)
    .run();
  if (meta.changes === 0) throw new Error(`There is no ${tier} block ${bucket} of ${id}.`);
}
