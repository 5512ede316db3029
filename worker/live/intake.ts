import { CUSTOM_SERIES_PER_INSTANCE_MAX, INTERVAL_DEFAULT_MS, PROTOCOL } from "../../contract/limits.ts";
import type { IngestReply, InstanceFacts } from "../../contract/ingest.ts";
import type { Readings, SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { recordDone } from "../audit/record.ts";
import * as tokens from "../auth/agent-token-store.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import type { Refusal } from "../errors.ts";
import { withReport } from "../instances/facts.ts";
import { mergeInstances } from "../instances/merge.ts";
import { findListedAs, saveInstance } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { Limiter } from "../limits/limiter.ts";
import type { SampleRow } from "../series/journal-store.ts";
import { packKey, packReadings } from "../series/packed.ts";
import { insertCustomSeries } from "../series/store.ts";
import {
  INGESTS_PER_TOKEN_PER_MINUTE_MAX,
  LIMIT_WINDOW_MS,
  TAIL_VALUES_MAX,
  TAIL_VALUES_PER_INSTANCE_MAX,
} from "../settings.ts";
import { batchSample, type Batch } from "./batch.ts";
import { counterRates, RATE_COUNTERS } from "./counter-rate.ts";
import { accept, place, type Cursor } from "./cursor.ts";
import type { GroupCommit } from "./group-commit.ts";
import { incomingOfBatch, readingsOf, without, type IncomingSample } from "./incoming.ts";
import * as refusals from "./refusals.ts";
import type { KnownInstance, Roster } from "./roster.ts";
import type { Tails } from "./tails.ts";

/** `isUnbound`: nothing was kept, because the token has no instance yet and no sample came to bind it. */
export type Taken = { ok: true; reply: IngestReply; isUnbound?: true } | { ok: false; refusal: Refusal };

/** What a sender says of itself beside its samples. */
export interface Greeting {
  facts: InstanceFacts;
  agentVersion: string | null;
  intervalMs: DurationMs | null;
  /** By how much its clock runs ahead; null where it does not say. */
  clockOffsetMs: DurationMs | null;
}

/** Samples of one stream, in order. */
export interface Numbered {
  stream: string;
  after: number;
  oldest: boolean;
  samples: readonly IncomingSample[];
}

export type NumberedTaken =
  | { kind: "taken"; cursor: Cursor; accepted: readonly IncomingSample[]; refusedKeys: readonly SeriesKey[] }
  | { kind: "resend"; cursor: Cursor; after: number }
  | { kind: "refused"; refusal: Refusal };

/** What others want to know as it happens: the live state and the viewers. */
export interface Listener {
  /** Comes with every batch; `isNews` where the facts are not what they were. */
  instanceSpoke(row: InstanceRow, isNews: boolean): void;
  sampleArrived(instanceId: string, at: EpochMs, sample: IncomingSample): void;
  /** What a provider listed turned out to be the machine of an agent: its own row is gone. */
  instanceMerged(listed: InstanceRow): void;
}

/** Takes samples in: who may speak for whom, what is new, and where it waits until it is durable. */
export class Intake {
  readonly #db: Database;
  readonly #roster: Roster;
  readonly #tails: Tails;
  readonly #commits: GroupCommit<SampleRow>;
  readonly #listener: Listener;
  readonly #perToken = new Limiter(INGESTS_PER_TOKEN_PER_MINUTE_MAX, LIMIT_WINDOW_MS);

  constructor(db: Database, roster: Roster, tails: Tails, commits: GroupCommit<SampleRow>, listener: Listener) {
    this.#db = db;
    this.#roster = roster;
    this.#tails = tails;
    this.#commits = commits;
    this.#listener = listener;
  }

  /** One request of a sender. */
  async take(tokenHash: string, batch: Batch, now: EpochMs): Promise<Taken> {
    const { facts, agentVersion, intervalMs, stream, samples } = batch;
    const clockOffsetMs = stream ? stream.sentAt - now : null;
    try {
      const token = await this.#roster.token(tokenHash);
      if (!token) return refused(refusals.UNKNOWN_TOKEN);
      // A try without samples proves the way and leaves no trace: the token stays free for the machine it is meant for.
      if (samples.length === 0 && token.instanceId === null)
        return { ...taken(reply(0, 0, 0, 0, [])), isUnbound: true };
      const known = await this.greet(tokenHash, { facts, agentVersion, intervalMs, clockOffsetMs }, now);
      if ("code" in known) return refused(known);
      const tooMany = this.tooMany(tokenHash, now);
      if (tooMany) return refused(tooMany);
      if (!stream) return await this.#takeUnnumbered(known, batch);
      const incoming = samples.map(incomingOfBatch);
      return await this.#replyTo(known, batch, incoming, now);
    } catch (error) {
      log({ event: "samples_not_taken", message: messageOf(error) });
      return refused(refusals.STORAGE_UNAVAILABLE);
    }
  }

  /** Too much of one sender, or of all: the refusal, if so. Counts one message. */
  tooMany(tokenHash: string, now: EpochMs): Refusal | undefined {
    const waitMs = this.#perToken.take(tokenHash, now);
    return waitMs > 0 ? refusals.tooManyFor(waitMs) : undefined;
  }

  /** Lets a sender speak for its instance, and learns what it says of it; or the refusal. */
  async greet(tokenHash: string, greeting: Greeting, now: EpochMs): Promise<KnownInstance | Refusal> {
    const token = await this.#roster.token(tokenHash);
    if (!token) return refusals.UNKNOWN_TOKEN;
    const id = greeting.facts.id;
    if (token.instanceId !== null && token.instanceId !== id) return refusals.ofAnotherInstance(token.instanceId);
    if (token.instanceId === null) {
      if (!(await tokens.bindAgentToken(this.#db, tokenHash, id))) {
        this.#roster.forgetToken(tokenHash);
        return refusals.hasTokenAlready(id);
      }
      token.instanceId = id;
    }
    const known = await this.#roster.instance(id);
    await this.learn(known, greeting, now);
    return known;
  }

  /** Nothing to wait for where the facts are what they were. */
  learn(
    known: KnownInstance,
    { facts, agentVersion, intervalMs, clockOffsetMs }: Greeting,
    now: EpochMs,
  ): Promise<void> | undefined {
    const reported = {
      facts,
      agentVersion,
      intervalMs: intervalMs ?? (known.row?.intervalMs || INTERVAL_DEFAULT_MS),
      clockOffsetMs: clockOffsetMs ?? known.row?.clockOffsetMs ?? 0,
    };
    const row = withReport(known.row, reported, now);
    if (row !== known.row) return this.#save(known, row, now);
    this.#listener.instanceSpoke(row, false);
    return undefined;
  }

  async #save(known: KnownInstance, row: InstanceRow, now: EpochMs): Promise<void> {
    await saveInstance(this.#db, row);
    if (row.clonedAt !== null && row.clonedAt !== known.row?.clonedAt) await tellOfClone(this.#db, row, now);
    // Once: what an agent says of itself is its own claim, and must not gather other machines one after the other.
    const hasSaidWhere = row.accountId === null && row.cloudId !== null && row.cloudId !== known.row?.cloudId;
    const listed = hasSaidWhere ? await findListedAs(this.#db, row) : undefined;
    known.row = listed ? { ...row, ...(await mergeInstances(this.#db, listed, row, now)) } : row;
    if (listed) this.#listener.instanceMerged(listed);
    this.#listener.instanceSpoke(known.row, true);
  }

  /**
   * Samples of a stream: the new ones wait in memory for their block, and the sender keeps them until then. A promise only where
   * something must be read or written first, which is once for a stream and for a custom series.
   */
  takeNumbered(
    known: KnownInstance,
    instanceId: string,
    numbered: Numbered,
    sentAt: EpochMs,
    now: EpochMs,
  ): NumberedTaken | Promise<NumberedTaken> {
    const cursor = known.cursors.get(numbered.stream);
    const unknownKeys = this.#unknownCustom(known, numbered.samples);
    if (cursor && unknownKeys.length === 0) return this.#place(known, instanceId, cursor, numbered, [], now);
    return this.#afterWrites(known, instanceId, numbered, unknownKeys, sentAt, now);
  }

  async #afterWrites(
    known: KnownInstance,
    instanceId: string,
    numbered: Numbered,
    unknownKeys: readonly SeriesKey[],
    sentAt: EpochMs,
    now: EpochMs,
  ): Promise<NumberedTaken> {
    const cursor = await this.#roster.openStream(instanceId, { id: numbered.stream, sentAt }, now);
    const refusedKeys = await this.#admitCustom(known, instanceId, unknownKeys);
    const samples =
      refusedKeys.length === 0 ? numbered.samples : numbered.samples.map((one) => without(one, refusedKeys));
    return this.#place(known, instanceId, cursor, { ...numbered, samples }, refusedKeys, now);
  }

  /** Without a pause, from the decision to its effect: another message in between could put 11 before 10. */
  #place(
    known: KnownInstance,
    instanceId: string,
    cursor: Cursor,
    { samples, after, oldest }: Numbered,
    refusedKeys: readonly SeriesKey[],
    now: EpochMs,
  ): NumberedTaken {
    // What is not taken now is missed when the next sample comes, and asked for then.
    const isFull =
      this.#tails.values > TAIL_VALUES_MAX || this.#tails.valuesOf(instanceId) > TAIL_VALUES_PER_INSTANCE_MAX;
    if (isFull) return { kind: "refused", refusal: refusals.TOO_BUSY };
    const placed = place(cursor, samples, { after, oldest });
    if (placed.kind === "refused") return placed;
    if (placed.kind === "resend") return { ...placed, cursor };
    const { fresh } = placed;
    accept(cursor, fresh);
    const offset = cursor.clockOffsetMs;
    this.#tails.add(
      instanceId,
      fresh.map(({ seq, at, keys, values }) => ({
        at: at + offset,
        stream: cursor.number,
        seq,
        keys,
        values,
        takenAt: now,
        isJournaled: false,
      })),
    );
    for (const sample of fresh) this.#listener.sampleArrived(instanceId, sample.at + offset, sample);
    known.lastIncoming = samples.at(-1) ?? known.lastIncoming;
    return { kind: "taken", cursor, accepted: fresh, refusedKeys };
  }

  async #replyTo(known: KnownInstance, batch: Batch, samples: readonly IncomingSample[], now: EpochMs): Promise<Taken> {
    const { facts, stream, after, oldest } = batch;
    const numbered = { stream: stream!.id, after, oldest, samples };
    const result = await this.takeNumbered(known, facts.id, numbered, stream!.sentAt, now);
    if (result.kind === "refused") return refused(result.refusal);
    const { durableSeq, clockOffsetMs } = result.cursor;
    if (result.kind === "resend") return taken({ ...reply(durableSeq, 0, 0, 0, []), resendAfter: result.after });
    const { accepted, refusedKeys } = result;
    const count = accepted.reduce((sum, { keys }) => sum + keys.length, 0);
    const answer = reply(durableSeq, accepted.length, samples.length - accepted.length, count, refusedKeys);
    if (clockOffsetMs === 0) return taken(answer);
    return taken({
      ...answer,
      clock: { serverAt: now, offsetMs: clockOffsetMs, message: refusals.wrongClock(clockOffsetMs) },
    });
  }

  /** Of a sender that keeps nothing: durable before the answer. */
  async #takeUnnumbered(known: KnownInstance, { facts, samples }: Batch): Promise<Taken> {
    const id = facts.id;
    await this.#knowPrevious(known, id);
    const incoming = samples.map(incomingOfBatch);
    const refusedKeys = await this.#admitCustom(known, id, this.#unknownCustom(known, incoming));
    const admitted = refusedKeys.length === 0 ? incoming : incoming.map((sample) => without(sample, refusedKeys));
    const whole = admitted.map((sample) => withRates(known, sample));
    const rows = whole.map((sample, i) => ({
      instanceId: id,
      at: sample.at,
      stream: 0,
      seq: 0,
      // As a rule nothing was added or left out, and it is packed already.
      metrics: sample === incoming[i] ? samples[i]!.metrics : packReadings(readingsOf(sample)),
      readings: sample,
    }));
    const bytes = rows.reduce((sum, row) => sum + row.metrics.length + ROW_OVERHEAD_BYTES, 0);
    if (!this.#commits.hasRoom(bytes)) return refused(refusals.TOO_BUSY);
    for (const sample of whole) this.#listener.sampleArrived(id, sample.at, sample);
    if (rows.length > 0) await this.#commits.add(rows, bytes);
    const count = whole.reduce((sum, { keys }) => sum + keys.length, 0);
    return taken(reply(0, whole.length, 0, count, refusedKeys));
  }

  /** For its rates, the sample before: it may still wait for its block. */
  async #knowPrevious(known: KnownInstance, id: string): Promise<void> {
    if (known.previous !== null) return;
    const last = this.#tails.newestOf(id);
    if (last) known.previous = { at: last.at, metrics: countersOf(last) };
    else await this.#roster.previousSample(known, id);
  }

  #unknownCustom(known: KnownInstance, samples: readonly IncomingSample[]): SeriesKey[] {
    let unknown: Set<SeriesKey> | undefined;
    for (const { custom } of samples) {
      for (const key of custom) if (!known.customSeries.has(key)) (unknown ??= new Set()).add(key);
    }
    return unknown ? [...unknown] : [];
  }

  /** Series above the cap are left out: the sample is good, and one wild label must not cost it. Answers which. */
  async #admitCustom(known: KnownInstance, instanceId: string, unknown: readonly SeriesKey[]): Promise<SeriesKey[]> {
    if (unknown.length === 0) return [];
    const room = Math.max(0, CUSTOM_SERIES_PER_INSTANCE_MAX - known.customSeries.size);
    const added = unknown.slice(0, room);
    if (added.length > 0) {
      // Counted before they are written, so that two batches at once cannot both take the last place.
      for (const key of added) known.customSeries.add(key);
      try {
        await insertCustomSeries(this.#db, instanceId, added);
      } catch (error) {
        for (const key of added) known.customSeries.delete(key);
        throw error;
      }
    }
    return unknown.slice(room);
  }
}

/** What a row costs beside its readings: id, numbers, brackets. */
const ROW_OVERHEAD_BYTES = 200;

function withRates(known: KnownInstance, sample: IncomingSample): IncomingSample {
  const counters = countersOf(sample);
  const rates: Readings = counterRates(known.previous ?? undefined, sample.at, counters);
  known.previous = { at: sample.at, metrics: counters };
  if (Object.keys(rates).length === 0) return sample;
  return incomingOfBatch(batchSample(sample.seq, sample.at, { ...readingsOf(sample), ...rates }));
}

/** Of a sample's readings those that rates are made of. */
function countersOf({ keys, values }: Pick<IncomingSample, "keys" | "values">): Readings {
  const counters: Readings = {};
  for (const [metric, key] of COUNTER_KEYS) {
    const index = keys.indexOf(key);
    if (index !== -1) counters[metric] = values[index]!;
  }
  return counters;
}

const COUNTER_KEYS = RATE_COUNTERS.map((metric) => [metric, packKey(metric)] as const);

function reply(
  durableSeq: number,
  accepted: number,
  repeated: number,
  count: number,
  refusedKeys: readonly string[],
): IngestReply {
  return {
    protocol: PROTOCOL,
    durableSeq,
    accepted,
    repeated,
    metricsIngested: count,
    ...(refusedKeys.length > 0 && { customMetricsRefused: refusedKeys.slice(0, refusals.REFUSED_KEYS_TOLD_MAX) }),
  };
}

const taken = (answer: IngestReply) => ({ ok: true as const, reply: answer });
const refused = (refusal: Refusal): Taken => ({ ok: false, refusal });

async function tellOfClone(
  db: Database,
  { id, name, bootId, previousBootId }: InstanceRow,
  now: EpochMs,
): Promise<void> {
  const actor = { id: null, name: `agent of ${name}`, via: null, address: null };
  const after = `boot ids ${bootId} and ${previousBootId} take turns`;
  await recordDone(db, actor, { action: "agent.cloned", subject: id, after }, now);
}
