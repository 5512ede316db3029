import { getTableColumns, sql } from "drizzle-orm";
import { EXPORT_STREAMS, type ExportStreamName } from "../../contract/snowflake-kinds.ts";
import type { ExportStream, ShownSnowflakeProblem } from "../../contract/snowflake.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { exportCursor } from "./table.ts";

/** What the cursor of every stream holds beside its own place. */
export interface Progress {
  /** The account and database that all of this is about. */
  to: string;
  /** When the round began that is not over; null where it is. */
  begunAt: EpochMs | null;
  /** The last EXPORTED_AT that was given out: the next is later, whatever the clock says. */
  stamp: EpochMs;
  /** When the warehouse may last have been started in this round. */
  awakeAt: EpochMs | null;
  failures: number;
  failedAt: EpochMs | null;
}

/** One stream, as it is kept. */
export interface StreamCursor extends Progress {
  stream: ExportStreamName;
  /** Where it goes on, in its own words: large with a large fleet, so read apart and only where it is wanted. Undefined: as it is kept. */
  place?: unknown;
  doneTo: EpochMs | null;
  rows: number;
  /** When its last round began. */
  lastAt: EpochMs | null;
  /** Somebody wants it sent now. */
  isAsked: boolean;
  missed: string | null;
  problem: ShownSnowflakeProblem | null;
}

/** How far the export of each kind of thing has come, those never sent included. */
export async function readExports(db: Database): Promise<ExportStream[]> {
  const rows = new Map((await db.select().from(exportCursor)).map((row) => [row.stream, row]));
  return EXPORT_STREAMS.map((stream) => {
    const { doneTo = null, rows: sent = 0, lastAt = null, missed = null, problem = null } = rows.get(stream) ?? {};
    return { stream, doneTo, rows: sent, lastAt: lastAt === null ? null : Math.abs(lastAt), missed, problem };
  });
}

/** Exports with the next tick. A moment below zero is one at which somebody asked: so the column needs no lock. */
export async function askExport(db: Database, now: EpochMs): Promise<void> {
  await db.$client.prepare("UPDATE export_cursor SET last_at = -abs(coalesce(last_at, ?1))").bind(now).run();
}

/** All streams, without their places; one that goes to another account or database than before begins anew. */
export async function readCursors(db: Database, to: string): Promise<StreamCursor[]> {
  const { cursor: _cursor, ...columns } = getTableColumns(exportCursor);
  const progress = sql<string | null>`json_remove(${exportCursor.cursor}, '$.place')`;
  const rows = new Map((await db.select({ ...columns, progress }).from(exportCursor)).map((row) => [row.stream, row]));
  return EXPORT_STREAMS.map((stream) => {
    const row = rows.get(stream);
    const kept = row?.progress ? (JSON.parse(row.progress) as Progress) : null;
    if (!row || kept?.to !== to) return unknown(stream, to, kept?.stamp ?? 0);
    const { doneTo, rows: sent, lastAt, missed, problem } = row;
    const when = { lastAt: lastAt === null ? null : Math.abs(lastAt), isAsked: lastAt !== null && lastAt < 0 };
    return { ...kept, stream, doneTo, rows: sent, ...when, missed, problem };
  });
}

/** Where a stream goes on; null at its very beginning. */
export async function readPlace(db: Database, { stream, to }: StreamCursor): Promise<unknown> {
  const kept = await db.$client
    .prepare("SELECT cursor -> '$.place' AS place FROM export_cursor WHERE stream = ?1 AND cursor ->> '$.to' = ?2")
    .bind(stream, to)
    .first<{ place: string | null }>();
  return kept?.place ? JSON.parse(kept.place) : null;
}

function unknown(stream: ExportStreamName, to: string, stamp: EpochMs): StreamCursor {
  const nothing = { begunAt: null, awakeAt: null, failures: 0, failedAt: null };
  const shown = { doneTo: null, rows: 0, lastAt: null, isAsked: false, missed: null, problem: null };
  return { stream, to, stamp, ...nothing, ...shown };
}

/** Writes how far they have come. When it was last begun is written by {@link saveBegun} alone. */
export async function saveCursors(db: Database, cursors: readonly StreamCursor[]): Promise<void> {
  await upsert(db, cursors, "");
}

/** The same with when it began; whatever was asked for until then is about to be done. */
export async function saveBegun(db: Database, cursors: readonly StreamCursor[]): Promise<void> {
  await upsert(db, cursors, ", last_at = excluded.last_at");
}

async function upsert(db: Database, cursors: readonly StreamCursor[], more: string): Promise<void> {
  if (cursors.length === 0) return;
  const withPlace = "json_set(?2, '$.place', json(coalesce(?3, 'null')))";
  const keepingPlace = "json_set(?2, '$.place', json(coalesce(export_cursor.cursor -> '$.place', 'null')))";
  const isKept = "?3 IS NULL AND export_cursor.cursor ->> '$.to' = ?2 ->> '$.to'";
  const statement = db.$client.prepare(
    `INSERT INTO export_cursor (stream, cursor, done_to, rows, last_at, missed, problem) VALUES (?1, ${withPlace}, ?4, ?5, ?6, ?7, ?8)
     ON CONFLICT (stream) DO UPDATE SET cursor = CASE WHEN ${isKept} THEN ${keepingPlace} ELSE excluded.cursor END,
       done_to = excluded.done_to, rows = excluded.rows, missed = excluded.missed, problem = excluded.problem${more}`,
  );
  await db.$client.batch(
    cursors.map(({ stream, doneTo, rows, lastAt, isAsked: _asked, missed, problem, place, ...progress }) => {
      const placeText = place === undefined ? null : JSON.stringify(place);
      const problemText = problem && JSON.stringify(problem);
      const text = JSON.stringify(progress satisfies Progress);
      return statement.bind(stream, text, placeText, doneTo, rows, lastAt, missed, problemText);
    }),
  );
}
