import type { DurationMs, EpochMs } from "../contract/units.ts";

/** What one isolate has used of the plan since it last said so. */
export interface Usage {
  rowsRead: number;
  rowsWritten: number;
  workerRequests: number;
  /** Of objects beside the shard, which counts its own. */
  objectCalls: number;
  objectBusyMs: DurationMs;
}

/** Nothing yet. */
export const none = (): Usage => ({ rowsRead: 0, rowsWritten: 0, workerRequests: 0, objectCalls: 0, objectBusyMs: 0 });

/** Counts for this isolate, whoever in it does the work; memory only until the meter has it. */
class UsageCounter {
  #used = none();
  #toldAt: EpochMs | undefined;
  /** The database's size as it last told it. */
  databaseBytes: number | null = null;

  rows(meta: { rows_read?: number; rows_written?: number; size_after?: number }): void {
    this.#used.rowsRead += meta.rows_read ?? 0;
    this.#used.rowsWritten += meta.rows_written ?? 0;
    if (meta.size_after) this.databaseBytes = meta.size_after;
  }

  /** Of statements whose answer does not tell what they cost: at least what came back. */
  rowsSeen(count: number): void {
    this.#used.rowsRead += count;
  }

  request(): void {
    this.#used.workerRequests++;
  }

  object(calls: number, busyMs: DurationMs): void {
    this.#used.objectCalls += calls;
    this.#used.objectBusyMs += busyMs;
  }

  /** Whether it is time to tell the meter. */
  isDue(now: EpochMs, everyMs: DurationMs): boolean {
    this.#toldAt ??= now;
    if (now - this.#toldAt < everyMs) return false;
    this.#toldAt = now;
    return true;
  }

  /** What has been counted since the last call. */
  take(): Usage {
    const used = this.#used;
    this.#used = none();
    return used;
  }
}

export const usage = new UsageCounter();
