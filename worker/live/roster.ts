import type { Readings, SeriesKey } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import * as tokens from "../auth/agent-token-store.ts";
import type { Database } from "../db/client.ts";
import { findInstance } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import * as series from "../series/store.ts";
import { clockOffsetOf } from "./batch.ts";
import type { Cursor } from "./cursor.ts";
import type { IncomingSample } from "./incoming.ts";

/** What the shard must know of an instance to take its samples. Memory only: an object that woke up reads it again. */
export interface KnownInstance {
  row: InstanceRow | undefined;
  cursors: Map<string, Cursor>;
  customSeries: Set<SeriesKey>;
  /** The last sample that came, whose list of keys the next one shares. */
  lastIncoming: IncomingSample | undefined;
  /** The sample before, for senders who send counters and leave the rates to us; null until one of them asks. */
  previous: { at: EpochMs; metrics: Readings } | undefined | null;
}

export interface KnownToken {
  instanceId: string | null;
}

/** Tokens and instances that spoke to this shard, each read once. */
export class Roster {
  readonly #db: Database;
  #tokens = new Map<string, Promise<KnownToken | undefined>>();
  #instances = new Map<string, Promise<KnownInstance>>();
  /** Those that have been read: what needs no waiting. */
  #known = new Map<string, KnownInstance>();
  #cursors = new Map<string, Map<string, Cursor>>();
  #opening = new Map<string, Promise<Cursor>>();

  constructor(db: Database) {
    this.#db = db;
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
      const cursors = this.cursorsOf(id);
      for (const { id: stream, number, clockOffsetMs } of streams) {
        if (!cursors.has(stream)) cursors.set(stream, { number, clockOffsetMs, accepted: undefined, durableSeq: 0 });
      }
      const known: KnownInstance = {
        row,
        cursors,
        customSeries: new Set(customSeries),
        lastIncoming: undefined,
        previous: null,
      };
      this.#known.set(id, known);
      return known;
    });
  }

  /** What is known of an instance already. */
  knownInstance(id: string): KnownInstance | undefined {
    return this.#known.get(id);
  }

  /** The cursors of an instance that are known, also before the instance itself is: a socket remembers its own. */
  cursorsOf(instanceId: string): Map<string, Cursor> {
    let cursors = this.#cursors.get(instanceId);
    if (!cursors) this.#cursors.set(instanceId, (cursors = new Map()));
    return cursors;
  }

  /** The cursor of this stream; a stream that is new is written down before its first sample. */
  openStream(instanceId: string, stream: { id: string; sentAt: EpochMs }, now: EpochMs): Promise<Cursor> {
    const cursors = this.cursorsOf(instanceId);
    const existing = cursors.get(stream.id);
    if (existing) return Promise.resolve(existing);
    const name = `${stream.id} ${instanceId}`;
    let opening = this.#opening.get(name);
    if (!opening) {
      opening = this.#insertStream(instanceId, stream, now).finally(() => this.#opening.delete(name));
      this.#opening.set(name, opening);
    }
    return opening;
  }

  async #insertStream(instanceId: string, stream: { id: string; sentAt: EpochMs }, now: EpochMs): Promise<Cursor> {
    const { number, clockOffsetMs } = await series.insertStream(this.#db, {
      instanceId,
      id: stream.id,
      clockOffsetMs: clockOffsetOf(stream.sentAt, now),
      startedAt: now,
    });
    const cursor: Cursor = { number, clockOffsetMs, accepted: undefined, durableSeq: 0 };
    this.cursorsOf(instanceId).set(stream.id, cursor);
    return cursor;
  }

  async previousSample(known: KnownInstance, id: string): Promise<void> {
    if (known.previous === null) known.previous = await series.lastStoredSample(this.#db, id);
  }

  /** Changed where it stands: what else is known of it, its cursors above all, must not be forgotten for a name. */
  async instanceChanged(id: string, given: Partial<InstanceRow>) {
    const known = await this.#instances.get(id);
    if (known?.row) known.row = { ...known.row, ...given };
  }

  forgetToken(hash: string): void {
    this.#tokens.delete(hash);
  }

  forgetInstance(id: string): void {
    this.#instances.delete(id);
    this.#known.delete(id);
    this.#cursors.delete(id);
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
