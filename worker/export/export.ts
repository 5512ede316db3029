import type { SnowflakeSettings } from "../../contract/snowflake.ts";
import type { ExportStreamName, SnowflakeProblemCode } from "../../contract/snowflake-kinds.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import type { SnowflakeClient } from "../snowflake/client.ts";
import type { SnowflakeClock } from "../snowflake/clock.ts";
import { SnowflakeProblem } from "../snowflake/problem.ts";
import { noteProblem, readConnection, shownProblem } from "../snowflake/store.ts";
import { momentText } from "./batch.ts";
import { readCursors, readPlace, saveBegun, saveCursors, type StreamCursor } from "./cursor-store.ts";
import { turnOf } from "./schedule.ts";
import { openStream } from "./streams/open.ts";
import { WAYS } from "./way.ts";

export interface ExportParts {
  db: Database;
  client: SnowflakeClient;
  settings: Pick<SnowflakeSettings, "exportEveryHours" | "exportWay">;
  now: EpochMs;
  /** No batch begins after this, and none ends much later. */
  until: EpochMs;
  clock: Pick<SnowflakeClock, "now">;
}

export interface ExportOutcome {
  says?: string;
  isUnfinished?: boolean;
}

/** A batch is not begun with less. */
const TO_BEGIN_MS: DurationMs = 2_000;
/** The last batch may take so much longer. */
const GRACE_MS: DurationMs = 10_000;
/** After a failure less is sent at once: it may have been too much. */
const HALVED_MAX = 6;

/** The short ones first: what there is much of keeps nothing else waiting. */
const ORDER: readonly ExportStreamName[] = ["instances", "incidents", "insights", "rounds", "metrics"];

/** What concerns one table alone; all else would befall the other streams too. */
const OF_ONE_TABLE: ReadonlySet<SnowflakeProblemCode> = new Set(["rights_missing", "statement_refused"]);
/** Refused at the door: no statement has come as far as the warehouse. */
const AT_THE_DOOR: ReadonlySet<SnowflakeProblemCode> = new Set([
  "account_unknown",
  "key_refused",
  "token_refused",
  "network_refused",
  "rate_limited",
]);
/** What cannot be so any more where rows have landed. */
const DISPROVED_BY_ROWS: ReadonlySet<SnowflakeProblemCode> = new Set([
  ...AT_THE_DOOR,
  "account_suspended",
  "database_missing",
  "timed_out",
  "unavailable",
]);

/**
 * Sends what is new to Snowflake where it is due, a batch after the other. What was sent is noted when Snowflake has said that it holds it, so that
 * whatever happens in between, nothing is left out; what is sent twice by that, the views read once. What is wrong with Snowflake is noted
 * with its stream and with the connection; only faults of Nephos' own are thrown, when all else is done.
 */
export async function exportDue(parts: ExportParts): Promise<ExportOutcome> {
  const { db, client, settings, now } = parts;
  const { account, names, endpoint } = client.access;
  const cursors = await readCursors(db, [account, names.database, endpoint ?? ""].join(" "));
  let turn = turnOf(cursors, settings, now);
  if (turn.kind === "clock_went_back") {
    for (const cursor of cursors) cursor.lastAt = now;
    await saveBegun(db, cursors);
    turn = turnOf(cursors, settings, now);
  }
  const isNew = turn.kind === "begin";
  if (isNew) for (const cursor of cursors) Object.assign(cursor, begun(now));
  const due = turn.kind === "go_on" ? turn.with : cursors;
  if (due.length === 0) return {};
  const inOrder = due.toSorted((a, b) => ORDER.indexOf(a.stream) - ORDER.indexOf(b.stream));
  return await new Round(parts, cursors, inOrder).run(isNew);
}

function begun(now: EpochMs): Partial<StreamCursor> {
  return { begunAt: now, lastAt: now, isAsked: false, awakeAt: null, failures: 0, failedAt: null };
}

/** One turn at a round. */
class Round {
  readonly #parts: ExportParts;
  readonly #cursors: readonly StreamCursor[];
  readonly #due: readonly StreamCursor[];
  readonly #sent: string[] = [];
  #problem: SnowflakeProblem | null = null;
  #fault: unknown;
  readonly #solved = new Set<SnowflakeProblemCode>();

  constructor(parts: ExportParts, cursors: readonly StreamCursor[], due: readonly StreamCursor[]) {
    this.#parts = parts;
    this.#cursors = cursors;
    this.#due = due;
  }

  async run(isNew: boolean): Promise<ExportOutcome> {
    const { db, now, settings } = this.#parts;
    const wereAwake = this.#due.map(({ awakeAt }) => awakeAt);
    // Before anything is sent: whoever goes on after a crash gives out a later stamp, and knows that the warehouse may run.
    const stamp = Math.max(now, ...this.#cursors.map((cursor) => cursor.stamp + 1));
    for (const cursor of this.#due) {
      cursor.stamp = stamp;
      if (settings.exportWay === "merge") cursor.awakeAt = now;
    }
    await (isNew ? saveBegun : saveCursors)(db, this.#due);
    let isUnfinished = false;
    for (const cursor of this.#due) {
      const came = await this.#send(cursor);
      isUnfinished ||= came === "time_is_up";
      if (came !== "next") break;
    }
    if (this.#problem && AT_THE_DOOR.has(this.#problem.code) && this.#sent.length === 0) {
      this.#due.forEach((cursor, place) => (cursor.awakeAt = wereAwake[place]!));
      await saveCursors(db, this.#due);
    }
    await this.#noteWithConnection();
    if (this.#fault !== undefined) throw this.#fault;
    const says = [...this.#sent, ...(this.#problem ? [this.#problem.message] : [])];
    return { ...(says.length > 0 && { says: says.join(", ") }), ...(isUnfinished && { isUnfinished }) };
  }

  async #send(cursor: StreamCursor): Promise<"next" | "time_is_up" | "stop"> {
    const { db, now } = this.#parts;
    const { rows } = cursor;
    try {
      return (await this.#sendAll(cursor)) ? "next" : "time_is_up";
    } catch (error) {
      const problem = error instanceof SnowflakeProblem ? error : null;
      const isAlone = !problem || OF_ONE_TABLE.has(problem.code);
      const struck = isAlone ? [cursor] : this.#due.filter(({ begunAt }) => begunAt !== null);
      for (const one of struck) {
        if (problem) one.problem = shownProblem(one.problem, problem, now);
        one.failures++;
        one.failedAt = now;
      }
      if (problem) this.#problem = problem;
      else this.#fault ??= error;
      await saveCursors(db, struck);
      return isAlone ? "next" : "stop";
    } finally {
      if (cursor.rows > rows) this.#sent.push(`${cursor.rows - rows} rows of ${cursor.stream}`);
    }
  }

  /** False where the time was up before all was sent. */
  async #sendAll(cursor: StreamCursor): Promise<boolean> {
    const { db, client, clock, now, until, settings } = this.#parts;
    const begin = WAYS[settings.exportWay];
    const { doneTo, stamp } = cursor;
    const place = await readPlace(db, cursor);
    const stream = await openStream(cursor.stream, { db, now, exportedAt: momentText(stamp), place, doneTo });
    cursor.missed = stream.missed ?? cursor.missed;
    // Kept also where nothing can be sent at all: from where on it could not.
    cursor.place = stream.place;
    for (;;) {
      if (clock.now() > until - TO_BEGIN_MS) return false;
      const batch = begin(1 / 2 ** Math.min(cursor.failures, HALVED_MAX));
      const next = await stream.next(batch);
      const { rows } = batch;
      if (rows > 0) {
        await batch.send(client, stream.table, until + GRACE_MS);
        if (settings.exportWay === "merge") cursor.awakeAt = clock.now();
        cursor.rows += rows;
      }
      next?.held();
      if (rows > 0 || next === null) {
        if (cursor.problem) this.#solved.add(cursor.problem.code);
        Object.assign(cursor, { problem: null, failures: 0, failedAt: null });
      }
      if (next === null) cursor.begunAt = null;
      Object.assign(cursor, { place: stream.place, doneTo: stream.doneTo });
      await saveCursors(db, [cursor]);
      if (next === null) return true;
    }
  }

  async #noteWithConnection(): Promise<void> {
    const { db, now } = this.#parts;
    if (!this.#problem && this.#sent.length === 0) return;
    const connection = await readConnection(db);
    if (!connection) return;
    if (this.#problem) return noteProblem(db, connection, this.#problem, now);
    const code = connection.problem?.code;
    if (code && (DISPROVED_BY_ROWS.has(code) || this.#solved.has(code))) await noteProblem(db, connection, null, now);
  }
}
