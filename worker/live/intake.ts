import { CUSTOM_SERIES_PER_INSTANCE_MAX, INTERVAL_DEFAULT_MS, PROTOCOL } from "../../contract/limits.ts";
import type { IngestReply } from "../../contract/ingest.ts";
import type { Readings, SeriesKey } from "../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { recordDone } from "../audit/record.ts";
import * as tokens from "../auth/agent-token-store.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import type { Refusal } from "../errors.ts";
import { withReport } from "../instances/facts.ts";
import { saveInstance } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { Limiter } from "../limits/limiter.ts";
import type { SampleRow } from "../series/journal-store.ts";
import { unpackReadings, type PackedReadings } from "../series/packed.ts";
import { insertCustomSeries } from "../series/store.ts";
import { INGESTS_PER_TOKEN_PER_MINUTE_MAX, LIMIT_WINDOW_MS } from "../settings.ts";
import { batchSample, type Batch, type BatchSample } from "./batch.ts";
import { counterRates } from "./counter-rate.ts";
import { accept, newSamples, rewind, settle, type Cursor } from "./cursor.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { KnownInstance, Roster } from "./roster.ts";

/** `isUnbound`: nothing was kept, because the token has no instance yet and no sample came to bind it. */
export type Taken = { ok: true; reply: IngestReply; isUnbound?: true } | { ok: false; refusal: Refusal };

/** What others want to know as it happens: the live state and the viewers. */
export interface Listener {
  /** Comes with every batch; `isNews` where the facts are not what they were. */
  instanceSpoke(row: InstanceRow, isNews: boolean): void;
  sampleArrived(instanceId: string, at: EpochMs, fleet: Readings, packed: PackedReadings): void;
}

/** Takes batches in: who may speak for whom, what is new, what is durable. */
export class Intake {
  readonly #db: Database;
  readonly #roster: Roster;
  readonly #commits: GroupCommit<SampleRow>;
  readonly #listener: Listener;
  readonly #perToken = new Limiter(INGESTS_PER_TOKEN_PER_MINUTE_MAX, LIMIT_WINDOW_MS);

  constructor(db: Database, roster: Roster, commits: GroupCommit<SampleRow>, listener: Listener) {
    this.#db = db;
    this.#roster = roster;
    this.#commits = commits;
    this.#listener = listener;
  }

  async take(tokenHash: string, batch: Batch, now: EpochMs): Promise<Taken> {
    const token = await this.#roster.token(tokenHash);
    if (!token) return refused(UNKNOWN_TOKEN);
    const waitMs = this.#perToken.take(tokenHash, now);
    if (waitMs > 0) return refused(tooManyFor(waitMs));
    const id = batch.facts.id;
    if (token.instanceId !== null && token.instanceId !== id) return refused(ofAnotherInstance(token.instanceId));
    // A try without samples proves the way and leaves no trace: the token stays free for the machine it is meant for.
    if (batch.samples.length === 0 && token.instanceId === null) {
      return { ...taken(reply(0, 0, 0, 0, [])), isUnbound: true };
    }
    try {
      if (token.instanceId === null) {
        if (!(await tokens.bindAgentToken(this.#db, tokenHash, id))) {
          this.#roster.forgetToken(tokenHash);
          return refused(hasTokenAlready(id));
        }
        token.instanceId = id;
      }
      const known = await this.#roster.instance(id);
      const cursor = batch.stream && (await this.#roster.cursor(known, id, batch.stream, now));
      if (!cursor) await this.#roster.previousSample(known, id);
      await this.#learn(known, batch, now);
      return await this.#store(known, cursor, batch, now);
    } catch (error) {
      log({ event: "samples_not_taken", message: messageOf(error) });
      return refused(STORAGE_UNAVAILABLE);
    }
  }

  async #learn(known: KnownInstance, batch: Batch, now: EpochMs): Promise<void> {
    const row = withReport(
      known.row,
      {
        facts: batch.facts,
        agentVersion: batch.agentVersion,
        intervalMs: batch.intervalMs ?? (known.row?.intervalMs || INTERVAL_DEFAULT_MS),
        clockOffsetMs: batch.stream ? batch.stream.sentAt - now : 0,
      },
      now,
    );
    const isNews = row !== known.row;
    if (isNews) {
      await saveInstance(this.#db, row);
      if (row.clonedAt !== null && row.clonedAt !== known.row?.clonedAt) await tellOfClone(this.#db, row, now);
      known.row = row;
    }
    this.#listener.instanceSpoke(row, isNews);
  }

  async #store(known: KnownInstance, cursor: Cursor | null, batch: Batch, now: EpochMs): Promise<Taken> {
    const { admitted, refusedKeys } = await this.#withinCustomCap(known, batch.facts.id, batch.samples);
    // From here to the commit's queue nothing is awaited: another batch in between could put 11 before 10.
    const samples = cursor ? newSamples(cursor, admitted) : withRates(known, admitted);
    if (!Array.isArray(samples)) return refused(samples);
    const offset = cursor?.clockOffsetMs ?? 0;
    const rows = samples.map((sample) => ({
      instanceId: batch.facts.id,
      at: sample.at + offset,
      stream: cursor?.number ?? 0,
      seq: sample.seq,
      metrics: sample.metrics,
    }));
    const bytes = rows.reduce((sum, row) => sum + row.metrics.length + ROW_OVERHEAD_BYTES, 0);
    if (!this.#commits.hasRoom(bytes)) return refused(TOO_BUSY);
    if (cursor) accept(cursor, samples);
    samples.forEach((sample, i) =>
      this.#listener.sampleArrived(batch.facts.id, rows[i]!.at, sample.fleet, sample.metrics),
    );

    try {
      // An empty group still waits its turn: what this batch repeats may be in the commit that is under way.
      await this.#commits.add(rows, bytes);
    } catch (error) {
      if (cursor) rewind(cursor);
      throw error;
    }
    if (cursor) settle(cursor, samples);
    const count = samples.reduce((sum, sample) => sum + sample.count, 0);
    const answer = reply(
      cursor?.durableSeq ?? 0,
      samples.length,
      batch.samples.length - samples.length,
      count,
      refusedKeys,
    );
    return taken(batch.stream && offset !== 0 ? { ...answer, clock: clockNote(offset, now) } : answer);
  }

  /** Leaves out the custom series above the cap: the sample is good, and one wild label must not cost it. */
  async #withinCustomCap(known: KnownInstance, instanceId: string, samples: BatchSample[]) {
    const unknown = new Set<SeriesKey>();
    for (const sample of samples) {
      for (const key of sample.custom) if (!known.customSeries.has(key)) unknown.add(key);
    }
    if (unknown.size === 0) return { admitted: samples, refusedKeys: [] };
    const room = Math.max(0, CUSTOM_SERIES_PER_INSTANCE_MAX - known.customSeries.size);
    const newKeys = [...unknown].slice(0, room);
    const refusedKeys = [...unknown].slice(room);
    if (newKeys.length > 0) {
      // Counted before they are written, so that two batches at once cannot both take the last place.
      for (const key of newKeys) known.customSeries.add(key);
      try {
        await insertCustomSeries(this.#db, instanceId, newKeys);
      } catch (error) {
        for (const key of newKeys) known.customSeries.delete(key);
        throw error;
      }
    }
    return {
      admitted: refusedKeys.length === 0 ? samples : samples.map((sample) => without(sample, refusedKeys)),
      refusedKeys,
    };
  }
}

/** What a row costs beside its readings: id, numbers, brackets. */
const ROW_OVERHEAD_BYTES = 200;
/** A reply names so many refused series; the rest is the same story. */
const REFUSED_KEYS_TOLD_MAX = 10;

function without(sample: BatchSample, keys: readonly SeriesKey[]): BatchSample {
  const readings = unpackReadings(sample.metrics);
  for (const key of keys) delete readings[key];
  return batchSample(sample.seq, sample.at, readings);
}

function withRates(known: KnownInstance, samples: readonly BatchSample[]): BatchSample[] {
  return samples.map((sample) => {
    const readings = unpackReadings(sample.metrics);
    const rates = counterRates(known.previous ?? undefined, sample.at, readings);
    known.previous = { at: sample.at, metrics: readings };
    return Object.keys(rates).length === 0 ? sample : batchSample(sample.seq, sample.at, { ...readings, ...rates });
  });
}

function reply(
  durableSeq: number,
  accepted: number,
  repeated: number,
  count: number,
  refusedKeys: string[],
): IngestReply {
  return {
    protocol: PROTOCOL,
    durableSeq,
    accepted,
    repeated,
    metricsIngested: count,
    ...(refusedKeys.length > 0 && { customMetricsRefused: refusedKeys.slice(0, REFUSED_KEYS_TOLD_MAX) }),
  };
}

function clockNote(offsetMs: number, now: EpochMs) {
  const hours = Math.round(Math.abs(offsetMs) / 3_600_000);
  const way = offsetMs > 0 ? "behind" : "ahead of";
  return {
    serverAt: now,
    offsetMs,
    message: `The clock of this instance is ${hours} hours ${way} the server's. Its samples are stored at the server's time; set its clock (timedatectl set-ntp true).`,
  };
}

const taken = (answer: IngestReply) => ({ ok: true as const, reply: answer });
const refused = (refusal: Refusal): Taken => ({ ok: false, refusal });

export const UNKNOWN_TOKEN: Refusal = {
  code: "token_unknown",
  message: "This token is not known here, or was revoked.",
  field: "token",
  remedy: "Make a new one in the dashboard under Add, and give it to the agent.",
};

const TOO_BUSY: Refusal = {
  code: "too_busy",
  message: "More samples are waiting to be written than fit in memory.",
  remedy: "Keep the samples and send again.",
};

function tooManyFor(waitMs: DurationMs): Refusal {
  return {
    code: "too_many",
    message: `This token has sent ${INGESTS_PER_TOKEN_PER_MINUTE_MAX} requests within a minute.`,
    remedy: "Keep the samples and send them later, up to 100 in one request.",
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  };
}

async function tellOfClone(
  db: Database,
  { id, name, bootId, previousBootId }: InstanceRow,
  now: EpochMs,
): Promise<void> {
  const actor = { id: null, name: `agent of ${name}`, via: null, address: null };
  const after = `boot ids ${bootId} and ${previousBootId} take turns`;
  await recordDone(db, actor, { action: "agent.cloned", subject: id, after }, now);
}

function hasTokenAlready(instanceId: string): Refusal {
  return {
    code: "already_enrolled",
    message: `Instance ${instanceId} has a token already, or this one was bound elsewhere at the same moment.`,
    field: "instance.id",
    remedy: "Revoke the instance's token in the dashboard first, or give this machine an id of its own.",
  };
}

function ofAnotherInstance(instanceId: string): Refusal {
  return {
    code: "token_of_another_instance",
    message: `This token belongs to instance ${instanceId}.`,
    field: "instance.id",
    remedy: "Make a token of its own for every instance, in the dashboard under Add.",
  };
}

const STORAGE_UNAVAILABLE: Refusal = {
  code: "storage_unavailable",
  message: "The database did not take the samples.",
  remedy: "Keep the samples and send again.",
};
