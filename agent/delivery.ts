import type { IngestEnvelope } from "../contract/ingest.ts";
import { SAMPLES_PER_ENVELOPE_MAX } from "../contract/limits.ts";
import type { DurationMs } from "../contract/units.ts";
import { backoffMs, slowRetryMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { inWords, type Log } from "./log.ts";
import { fittingBatch, type Outcome } from "./sender.ts";
import type { Batch, Spool } from "./spool.ts";

export interface DeliveryVerbs {
  envelopeOf(batch: Batch): IngestEnvelope;
  send(envelope: IngestEnvelope): Promise<Outcome>;
  newStreamId(): string;
  /** The stream the next samples belong to got another id. */
  streamRenamed(from: string, to: string): void;
}

/**
 * Empties the spool towards the edge, one envelope at a time, oldest first. What the edge cannot take now waits with growing
 * delays; what it will never take is found by sending one by one, and only that is given up.
 */
export class Delivery {
  readonly #spool: Spool;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #verbs: DeliveryVerbs;
  #running: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;
  #failures = 0;
  #lastWhy: string | undefined;
  #hasSucceeded = false;
  /** Samples still to be sent one by one after a refusal. */
  #singly = 0;
  #conflicts = 0;
  #hasToldClock = false;
  #isStopped = false;

  constructor(spool: Spool, clock: Clock, log: Log, verbs: DeliveryVerbs) {
    this.#spool = spool;
    this.#clock = clock;
    this.#log = log;
    this.#verbs = verbs;
  }

  /** There is something to send. Does nothing while sending already, or while waiting after a failure. */
  wake(): Promise<void> {
    if (this.#running) return this.#running;
    if (this.#cancelRetry || this.#isStopped) return Promise.resolve();
    this.#running = this.#sendAll().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** The last attempt before the program ends; what is on its way may finish within the limit. */
  async flush(limitMs: DurationMs): Promise<void> {
    this.#forgetRetry();
    const limit = new Promise<void>((resolve) => this.#clock.after(limitMs, resolve));
    await Promise.race([this.wake(), limit]);
    this.#isStopped = true;
    this.#forgetRetry();
  }

  #forgetRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  async #sendAll(): Promise<void> {
    // Every round begins with the oldest sample that is not durable: an edge that lost what it held only in memory gets it
    // again, and may take a number missing below for one that will never come.
    this.#spool.handBack();
    while (this.#spool.hasUnsent && !this.#cancelRetry && !this.#isStopped) {
      const batch = this.#spool.oldest(this.#singly > 0 ? 1 : SAMPLES_PER_ENVELOPE_MAX);
      if (!batch) return;
      const fitting = fittingBatch(batch);
      this.#handle(await this.#verbs.send(this.#verbs.envelopeOf(fitting)), fitting);
    }
  }

  #handle(outcome: Outcome, batch: Batch): void {
    switch (outcome.kind) {
      case "taken":
        return this.#taken(outcome, batch);
      case "away":
        this.#tellOnce(outcome.why, `Could not send: ${outcome.why}. Samples waiting: ${this.#spool.size}`);
        return this.#retryAfter(backoffMs(++this.#failures, this.#clock.random(), outcome.retryAfterMs));
      case "locked":
        this.#tellOnce(outcome.why, `Nephos takes no samples. ${outcome.why}. Samples waiting: ${this.#spool.size}`);
        this.#failures++;
        return this.#retryAfter(slowRetryMs(this.#clock.random()));
      case "refused":
        return this.#refused(outcome.why, batch);
      case "stream-conflict":
        return this.#conflicted(outcome.why, batch.stream);
    }
  }

  #taken({ reply }: Extract<Outcome, { kind: "taken" }>, batch: Batch): void {
    const isNews = !this.#hasSucceeded || this.#failures > 0;
    const told = {
      metricsIngested: reply.metricsIngested,
      samples: batch.samples.length,
      durableSeq: reply.durableSeq,
    };
    const line = `Metrics sent successfully: ${inWords(told)}`;
    if (isNews) this.#log.info(line);
    else this.#log.debug(line);
    if (reply.clock && !this.#hasToldClock) this.#log.warn(`The clock of this machine is wrong: ${reply.clock}`);
    this.#hasToldClock = reply.clock !== undefined;
    this.#hasSucceeded = true;
    this.#failures = 0;
    this.#conflicts = 0;
    this.#singly = Math.max(0, this.#singly - batch.samples.length);
    if (this.#singly === 0) this.#lastWhy = undefined;
    const lastSeq = batch.samples.at(-1)!.seq;
    this.#spool.handOver(batch.stream, lastSeq);
    // What was never sent cannot be durable, whatever an answer says.
    this.#spool.dropThrough(batch.stream, Math.min(reply.durableSeq, lastSeq));
  }

  #refused(why: string, batch: Batch): void {
    this.#tellOnce(
      why,
      `Nephos refused samples. ${why}. Each is tried alone, and only one that is refused alone is dropped`,
    );
    this.#failures++;
    if (batch.samples.length > 1) {
      this.#singly = batch.samples.length;
      return;
    }
    this.#singly = Math.max(0, this.#singly - 1);
    this.#spool.discard(batch.stream, batch.samples[0]!.seq);
  }

  #conflicted(why: string, stream: string): void {
    const fresh = this.#verbs.newStreamId();
    this.#log.warn(`Nephos knows this stream from elsewhere, so a new one begins. ${why}`);
    this.#spool.renameStream(stream, fresh);
    this.#verbs.streamRenamed(stream, fresh);
    // A fresh id cannot conflict; a server that says so again is not to be asked in a circle.
    if (++this.#conflicts > 1) this.#retryAfter(backoffMs(++this.#failures, this.#clock.random()));
  }

  /** A reason is told when it is new; that it lasts is no news. */
  #tellOnce(why: string, line: string): void {
    if (why !== this.#lastWhy) this.#log.warn(line);
    else this.#log.debug(line);
    this.#lastWhy = why;
  }

  #retryAfter(delayMs: DurationMs): void {
    this.#log.debug(`Next attempt in ${Math.round(delayMs / 1_000)} s`);
    this.#cancelRetry = this.#clock.after(delayMs, () => {
      this.#cancelRetry = undefined;
      void this.wake();
    });
  }
}
