import type { Amounts, UsageDay } from "../../contract/operations.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { OBJECT_EVENT_MIN_MS, METER_SAVE_EVERY_MS, USAGE_DAYS_KEPT } from "../settings.ts";
import { usage, type Usage } from "../usage.ts";

/** 128 MB are charged for an object, whatever it uses. */
const OBJECT_GB = 0.128;
const MESSAGES_PER_REQUEST = 20;
const KEY = "usage ";
/** Events that may be under way at once; an older span is hardly met again. */
const SPANS_MAX = 32;

/** The counts of a day, as they are kept. */
interface Counts extends Omit<Usage, "objectBusyMs"> {
  socketMessages: number;
  busyMs: DurationMs;
  /** When counting began that day. */
  begunAt: EpochMs;
  /** What they were at the end of each hour that has passed. */
  marks: Record<number, Amounts>;
}

const none = (): Counts => ({
  rowsRead: 0,
  rowsWritten: 0,
  workerRequests: 0,
  objectCalls: 0,
  socketMessages: 0,
  busyMs: 0,
  begunAt: 0,
  marks: {},
});

/**
 * What this Nephos uses in a day, kept in the shard's own storage, whose rows are another quota. Between two saves the counts are in
 * memory only, so a minute may be missing. Time is counted as Cloudflare does, for an event and not for the silence after it, with
 * 10 ms at least: inside an event the clock stands still.
 */
export class Meter {
  readonly #storage: DurableObjectStorage;
  #day = "";
  #counts: Counts | undefined;
  #fresh = none();
  /** What was counted lately, in spans that do not touch; the newest last. */
  #spans: { from: EpochMs; until: EpochMs }[] = [];
  #savedAt: EpochMs = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  message(now: EpochMs): void {
    this.#fresh.socketMessages++;
    this.busy(now, 0);
  }

  call(now: EpochMs): void {
    this.#fresh.objectCalls++;
    this.busy(now, 0);
  }

  /** From this moment for so long, as far as it was not counted already. */
  busy(from: EpochMs, forMs: DurationMs): void {
    const until = from + Math.max(forMs, OBJECT_EVENT_MIN_MS);
    const span = { from, until };
    let counted = 0;
    const apart = this.#spans.filter((other) => {
      if (other.until < from || other.from > until) return true;
      counted += other.until - other.from;
      span.from = Math.min(span.from, other.from);
      span.until = Math.max(span.until, other.until);
      return false;
    });
    this.#fresh.busyMs += span.until - span.from - counted;
    this.#spans = [...apart, span].slice(-SPANS_MAX);
  }

  /** What an isolate of the Worker has counted. */
  add({ rowsRead, rowsWritten, workerRequests, objectCalls, objectBusyMs }: Usage): void {
    this.#fresh.rowsRead += rowsRead;
    this.#fresh.rowsWritten += rowsWritten;
    this.#fresh.workerRequests += workerRequests;
    this.#fresh.objectCalls += objectCalls;
    this.#fresh.busyMs += objectBusyMs;
  }

  /** Keeps what was counted, at most so often. True where it did. */
  async save(now: EpochMs): Promise<boolean> {
    if (now - this.#savedAt < METER_SAVE_EVERY_MS && dayOf(now) === this.#day) return false;
    this.#savedAt = now;
    const counts = await this.#today(now);
    await this.#storage.put(KEY + this.#day, counts);
    return true;
  }

  /** Today's counts so far. */
  async today(now: EpochMs): Promise<{ today: UsageDay } & Pick<Counts, "marks" | "begunAt" | "socketMessages">> {
    const counts = await this.#today(now);
    const { marks, begunAt, socketMessages } = counts;
    return { today: { day: this.#day, used: amountsOf(counts) }, marks, begunAt, socketMessages };
  }

  /** The days before, newest first. */
  async before(now: EpochMs): Promise<UsageDay[]> {
    const kept = await this.#storage.list<Counts>({ prefix: KEY, reverse: true });
    const days = [...kept].map(([key, counts]) => ({ day: key.slice(KEY.length), used: amountsOf(counts) }));
    const old = days.slice(USAGE_DAYS_KEPT);
    if (old.length > 0) await this.#storage.delete(old.map(({ day }) => KEY + day));
    return days.slice(0, USAGE_DAYS_KEPT).filter(({ day }) => day !== dayOf(now));
  }

  async #today(now: EpochMs): Promise<Counts> {
    const day = dayOf(now);
    if (day !== this.#day || !this.#counts) {
      // What was counted last belongs to the day that is over.
      if (this.#counts) await this.#storage.put(KEY + this.#day, this.#taken(this.#counts));
      const kept = await this.#storage.get<Counts>(KEY + day);
      this.#counts = kept ?? { ...none(), begunAt: now };
      this.#day = day;
    }
    const counts = this.#taken(this.#counts);
    const hour = new Date(now).getUTCHours();
    if (hour > 0) counts.marks[hour - 1] ??= amountsOf(counts);
    return counts;
  }

  #taken(counts: Counts): Counts {
    this.add(usage.take());
    const fresh = this.#fresh;
    this.#fresh = none();
    for (const field of COUNTED) counts[field] += fresh[field];
    return counts;
  }
}

const COUNTED = ["rowsRead", "rowsWritten", "workerRequests", "objectCalls", "socketMessages", "busyMs"] as const;

function amountsOf({ rowsRead, rowsWritten, workerRequests, objectCalls, socketMessages, busyMs }: Counts): Amounts {
  return {
    rowsWritten,
    rowsRead,
    workerRequests,
    objectRequests: objectCalls + Math.ceil(socketMessages / MESSAGES_PER_REQUEST),
    objectGbSeconds: (busyMs / 1_000) * OBJECT_GB,
  };
}

export function dayOf(now: EpochMs): string {
  return new Date(now).toISOString().slice(0, 10);
}
