import type { EpochMs } from "../../contract/units.ts";
import type { IncidentBook } from "../alerts/book.ts";
import type { Changes } from "../alerts/changes.ts";
import type { Evaluation } from "../alerts/evaluation.ts";
import { isOvertaken, writeChanges } from "../alerts/incident-store.ts";
import type { IncidentMemberRow, IncidentRow } from "../alerts/table.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import { Patience } from "./patience.ts";
import type { StoredStandings } from "./standings.ts";
import type { Telling } from "./telling.ts";

interface Parts {
  db: Database;
  book: IncidentBook;
  evaluation: Evaluation;
  standings: StoredStandings;
  telling: Telling;
  /** Tells whoever looks. */
  shown(incident: IncidentRow, members: readonly IncidentMemberRow[], now: EpochMs): void;
  /** The database has some of this already, by another object or by a write whose answer was lost. */
  overtaken(changes: Changes, now: EpochMs): Promise<void>;
  /** Keeps the object awake until it is done. */
  waitUntil(work: Promise<unknown>): void;
}

/** Writes what has changed of incidents, with what is to be told of it: one transaction for all that has come together. */
export class IncidentWriter {
  readonly #parts: Parts;
  #writing: Promise<void> | undefined;
  readonly #patience = new Patience();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** When something waits to be written; null where nothing does. */
  get nextAt(): EpochMs | null {
    return this.#parts.book.changes.size > 0 ? this.#patience.againAt : null;
  }

  /** One writer at a time; what comes meanwhile goes with the next write, which this waits for too. */
  async write(now: EpochMs): Promise<void> {
    await this.#writing;
    this.#writing ??= this.#writeAll(now).finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  async #writeAll(now: EpochMs): Promise<void> {
    const { book, evaluation, standings, telling, waitUntil } = this.#parts;
    while (book.changes.size > 0 || evaluation.moved.size > 0) {
      if (book.changes.size > 0) {
        if (now < this.#patience.againAt || !(await this.#writeSome(now))) return;
        waitUntil(telling.drain(now).catch((error: unknown) => failed("tell", error)));
      }
      // After what fires is in the database: what was not written is to fire again, should this object end here.
      if (book.changes.size === 0) await standings.write(evaluation);
    }
  }

  /** False where it has to be tried again later. */
  async #writeSome(now: EpochMs): Promise<boolean> {
    const { db, book, telling, shown, overtaken } = this.#parts;
    const changes = book.changes.take();
    try {
      await writeChanges(db, changes, await telling.statements(changes, now));
    } catch (error) {
      failed("write", error);
      this.#patience.failed(now);
      if (isOvertaken(error)) await overtaken(changes, now);
      else book.changes.putBack(changes);
      return false;
    }
    this.#patience.worked();
    book.changes.written(changes);
    for (const incident of changes.incidents) shown(incident, book.membersOf(incident.id), now);
    return true;
  }
}

export function failed(what: "read" | "decide" | "write" | "tell" | "sweep", error: unknown): void {
  log({ event: "alerting_failed", what, message: messageOf(error) });
}
