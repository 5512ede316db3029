import type { Readings, SeriesKey } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import * as tokens from "../auth/agent-token-store.ts";
import type { Database } from "../db/client.ts";
import { findInstance } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import * as series from "../series/store.ts";
import { clockOffsetOf } from "./batch.ts";
import type { Cursor } from "./cursor.ts";
import type { Journal } from "./journal.ts";

/** What the shard must know of an instance to take its samples. Memory only: an object that woke up reads it again. */
export interface KnownInstance {
  row: InstanceRow | undefined;
  cursors: Map<string, Cursor>;
  streamNumberMax: number;
  customSeries: Set<SeriesKey>;
  /** The sample before, for senders who send counters and leave the rates to us; null until one of them asks. */
  previous: { at: EpochMs; metrics: Readings } | undefined | null;
}

export interface KnownToken {
  instanceId: string | null;
}

/** Tokens and instances that spoke to this shard, each read once. */
export class Roster {
  readonly #db: Database;
  readonly #journal: Pick<Journal, "endOf">;
  #tokens = new Map<string, Promise<KnownToken | undefined>>();
  #instances = new Map<string, Promise<KnownInstance>>();

  constructor(db: Database, journal: Pick<Journal, "endOf">) {
    this.#db = db;
    this.#journal = journal;
  }

  token(hash: string): Promise<KnownToken | undefined> {
    return once(this.#tokens, hash, async () => {
      const row = await tokens.findAgentToken(this.#db, hash);
      return row && { instanceId: row.instanceId };
    });
  }

  instance(id: string): Promise<KnownInstance> {
    return once(this.#instances, id, async () => {
      const [row, streams, customSeries] = await Promise.all([
        findInstance(this.#db, id),
        series.findStreams(this.#db, id),
        series.findCustomSeries(this.#db, id),
      ]);
      const cursors = await Promise.all(
        streams.map(async (stream): Promise<[string, Cursor]> => {
          const [inBlock, inJournal] = await Promise.all([
            series.lastInBlockOf(this.#db, id, stream.number),
            this.#journal.endOf(id, stream.number),
          ]);
          const last = inJournal && inJournal.at > (inBlock?.at ?? 0) ? inJournal : inBlock;
          const { number, clockOffsetMs } = stream;
          const seq = last?.seq ?? 0;
          return [
            stream.id,
            {
              number,
              clockOffsetMs,
              acceptedSeq: seq,
              acceptedAt: last?.at ?? 0,
              durableSeq: seq,
              durableAt: last?.at ?? 0,
            },
          ];
        }),
      );
      return {
        row,
        cursors: new Map(cursors),
        streamNumberMax: Math.max(0, ...streams.map((stream) => stream.number)),
        customSeries: new Set(customSeries),
        previous: null,
      };
    });
  }

  /** The cursor of this stream; a stream that is new is written down before its first sample. */
  async cursor(known: KnownInstance, instanceId: string, stream: { id: string; sentAt: EpochMs }, now: EpochMs) {
    const existing = known.cursors.get(stream.id);
    if (existing) return existing;
    const cursor: Cursor = {
      number: ++known.streamNumberMax,
      clockOffsetMs: clockOffsetOf(stream.sentAt, now),
      acceptedSeq: 0,
      acceptedAt: 0,
      durableSeq: 0,
      durableAt: 0,
    };
    known.cursors.set(stream.id, cursor);
    try {
      await series.insertStream(this.#db, {
        instanceId,
        id: stream.id,
        number: cursor.number,
        clockOffsetMs: cursor.clockOffsetMs,
        startedAt: now,
      });
    } catch (error) {
      known.cursors.delete(stream.id);
      throw error;
    }
    return cursor;
  }

  async previousSample(known: KnownInstance, id: string): Promise<void> {
    if (known.previous === null) known.previous = await series.lastSample(this.#db, id);
  }

  /** Changed where it stands: what else is known of it, its cursors above all, must not be forgotten for a name. */
  async instanceChanged(id: string, given: Partial<Pick<InstanceRow, "name" | "nameGiven" | "tags">>) {
    const known = await this.#instances.get(id);
    if (known?.row) known.row = { ...known.row, ...given };
  }

  forgetToken(hash: string): void {
    this.#tokens.delete(hash);
  }

  forgetInstance(id: string): void {
    this.#instances.delete(id);
  }
}

/** Many may ask at once; one reads. What is not there, or could not be read, is asked anew next time. */
async function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  read: () => Promise<Value>,
): Promise<Value> {
  let value = known.get(key);
  if (!value) {
    value = read();
    known.set(key, value);
    value.then(
      (found) => found === undefined && known.get(key) === value && known.delete(key),
      () => known.get(key) === value && known.delete(key),
    );
  }
  return value;
}
