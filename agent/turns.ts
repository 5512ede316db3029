import { SAMPLE_AHEAD_MAX_MS, SAMPLES_PER_ENVELOPE_MAX } from "../contract/limits.ts";
import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import { fittingBatch } from "./sender.ts";
import type { Batch, Spool } from "./spool.ts";

/** The edge reads many samples at once in a second, and those of other agents beside them. */
const PACE_MS: DurationMs = 1_000;
/** What is gathered at most while nobody looks; a message of more is one that makes up for something. */
const LIGHT_SAMPLES_MAX = 20;
/** Old samples the edge has taken and not written: it holds them in memory, so they are to be few. */
const UNWRITTEN_MAX = 2;
/** An edge that writes seldom must not hold up a whole backlog. */
const UNWRITTEN_WAIT_MS: DurationMs = 60_000;

/**
 * Whose turn it is: the newest samples at once, and beside them, slowly, those of older streams, oldest first. So what was
 * missed is made up for, and nobody who looks waits for it.
 */
export class Turns {
  readonly #spool: Spool;
  readonly #clock: Clock;
  readonly #liveStream: () => string;
  readonly #isWatched: () => boolean;
  /** Messages of older streams that went and may not be durable yet. */
  #unwritten: { stream: string; seq: number }[] = [];
  #backfilledMs = -Infinity;
  #heavyMs = -Infinity;
  #repeatMs = -Infinity;
  /** Of which streams one sample between these is refused: they go one by one. */
  readonly #suspects = new Map<string, { from: number; through: number }>();
  /** How many samples to gather into one message while nobody looks. */
  gather = 1;
  /** The program ends: nothing is waited for. */
  isLast = false;

  constructor(spool: Spool, clock: Clock, liveStream: () => string, isWatched: () => boolean) {
    this.#spool = spool;
    this.#clock = clock;
    this.#liveStream = liveStream;
    this.#isWatched = isWatched;
  }

  get hasSuspects(): boolean {
    for (const [stream, { through }] of this.#suspects) {
      if (!this.#spool.keeps(stream, through) || this.#nextSeq(stream) > through) this.#suspects.delete(stream);
    }
    return this.#suspects.size > 0;
  }

  /** What goes next, or how long until something may; Infinity where there is nothing. */
  next(): Batch | DurationMs {
    const nowMs = this.#clock.monotonicMs();
    const live = this.#liveBatch();
    const liveWaitMs = live ? this.#waitMs(live, nowMs) : Infinity;
    if (live && liveWaitMs <= 0) return live;
    const old = this.#oldBatch();
    const oldWaitMs = old ? Math.max(this.#waitMs(old, nowMs), this.#backfillWaitMs(nowMs)) : Infinity;
    if (old && (oldWaitMs <= 0 || this.isLast)) return old;
    return Math.min(liveWaitMs, oldWaitMs);
  }

  /** It went. */
  sent(batch: Batch): void {
    const nowMs = this.#clock.monotonicMs();
    if (batch.samples.length > LIGHT_SAMPLES_MAX) this.#heavyMs = nowMs;
    if (batch.stream === this.#liveStream()) return;
    this.#backfilledMs = nowMs;
    if (!this.#suspects.has(batch.stream)) {
      this.#unwritten.push({ stream: batch.stream, seq: batch.samples.at(-1)!.seq });
    }
  }

  /** The edge asked for something again: at once, but an edge that keeps asking gets it once a second. */
  repeat(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#repeatMs) this.#repeatMs = Math.max(nowMs, this.#repeatMs + PACE_MS);
  }

  /** Another edge, or another way to it: what it was sent and told before counts no more. */
  forget(): void {
    this.#unwritten = [];
    this.gather = 1;
  }

  suspect(stream: string, from: number, through: number): void {
    this.#suspects.set(stream, { from, through });
  }

  #liveBatch(): Batch | undefined {
    const stream = this.#liveStream();
    const count = this.#spool.waitingOf(stream);
    const isDue = count >= this.gather || this.#isWatched() || this.isLast || this.#suspects.has(stream);
    return count > 0 && isDue ? this.#batchOf(stream) : undefined;
  }

  #oldBatch(): Batch | undefined {
    // A clock that is behind, as before it has asked for the time, makes old samples look as if they were of tomorrow.
    const until = this.#clock.wallMs() + SAMPLE_AHEAD_MAX_MS;
    const stream = this.#spool.oldestWaiting(this.#liveStream(), until);
    return stream === undefined ? undefined : this.#batchOf(stream);
  }

  #batchOf(stream: string): Batch | undefined {
    const batch = this.#spool.unsent(stream, SAMPLES_PER_ENVELOPE_MAX);
    const suspects = this.#suspects.get(stream);
    if (!batch || !suspects) return batch && fittingBatch(batch);
    const first = batch.samples[0]!.seq;
    if (first > suspects.through) this.#suspects.delete(stream);
    else if (first >= suspects.from) return { ...batch, samples: batch.samples.slice(0, 1) };
    else return fittingBatch({ ...batch, samples: batch.samples.filter(({ seq }) => seq < suspects.from) });
    return fittingBatch(batch);
  }

  #waitMs({ samples }: Batch, nowMs: number): DurationMs {
    if (this.isLast) return 0;
    const heavyWaitMs = samples.length > LIGHT_SAMPLES_MAX ? this.#heavyMs + PACE_MS - nowMs : 0;
    return Math.max(heavyWaitMs, this.#repeatMs - nowMs);
  }

  #backfillWaitMs(nowMs: number): DurationMs {
    this.#unwritten = this.#unwritten.filter(({ stream, seq }) => this.#spool.keeps(stream, seq));
    const pauseMs = this.#unwritten.length < UNWRITTEN_MAX ? PACE_MS : UNWRITTEN_WAIT_MS;
    return this.#backfilledMs + pauseMs - nowMs;
  }

  #nextSeq(stream: string): number {
    return this.#spool.unsent(stream, 1)?.samples[0]?.seq ?? Infinity;
  }
}
