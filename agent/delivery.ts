import type { EdgeMessage } from "../contract/agent-link.ts";
import { SAMPLES_PER_ENVELOPE_MAX } from "../contract/limits.ts";
import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import type { DeliveryVerbs } from "./delivery-verbs.ts";
import { inWords, Notices, Trouble, type Log } from "./log.ts";
import { Refusals } from "./refusals.ts";
import { Route } from "./route.ts";
import type { Outcome } from "./sender.ts";
import type { Batch, Spool } from "./spool.ts";
import { Turns } from "./turns.ts";

/** With more than these never sent, new samples do not wait behind them: they become a stream of their own. */
const BEHIND_SAMPLES = 10;
/**
 * An edge that lost what it held in memory notices with the next sample of a stream. Of an older stream none comes, so what is
 * still kept of it after this long is sent again.
 */
const REPEAT_OTHERS_MS: DurationMs = 2 * 3_600_000;

/**
 * Brings what is in the spool to the edge. What the edge cannot take now waits; what it will never take is found by sending one
 * by one, and only that is given up. Nothing leaves the spool before the edge has called it durable.
 */
export class Delivery {
  readonly #spool: Spool;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #verbs: DeliveryVerbs;
  readonly #trouble: Trouble;
  readonly #turns: Turns;
  readonly #route: Route;
  readonly #refusals: Refusals;
  readonly #notices: Notices;
  #posting: Promise<void> | undefined;
  #cancelTurn: (() => void) | undefined;
  #isNews = true;
  #hasToldClock = false;
  #isStopped = false;
  #othersMs: number;
  /** The stream of what was sent last. */
  #lastSent: string | undefined;

  constructor(spool: Spool, clock: Clock, log: Log, verbs: DeliveryVerbs) {
    this.#spool = spool;
    this.#clock = clock;
    this.#log = log;
    this.#verbs = verbs;
    this.#trouble = new Trouble(log);
    this.#notices = new Notices(log);
    this.#othersMs = clock.monotonicMs();
    this.#turns = new Turns(
      spool,
      clock,
      () => verbs.liveStream(),
      () => verbs.isWatched(),
    );
    this.#refusals = new Refusals(spool, this.#turns, log, this.#trouble, verbs);
    this.#route = new Route({
      clock,
      log,
      trouble: this.#trouble,
      openLink: (events) => verbs.openLink(events),
      welcomed: () => this.#arrived(),
      heard: (message) => this.#heard(message),
      parted: () => this.#parted(),
      turnedToPost: () => this.#beginAgain(),
      refused: (error) => this.#refusals.bySocket(error, this.#lastSent),
      conflicted: (stream, why) => this.#refusals.conflicted(stream, why),
      wake: () => void this.wake(),
      waiting: () => spool.waiting,
    });
  }

  /** There is something to send, or somebody to look for. Does nothing while it is no time for it. */
  wake(): Promise<void> {
    if (this.#posting) return this.#posting;
    if (this.#isStopped) return Promise.resolve();
    this.#route.reconsider(false);
    this.#repeatOthers();
    if (this.#route.way === "socket") this.#send();
    else if (this.#route.way === "post") {
      this.#posting = this.#post().finally(() => {
        this.#posting = undefined;
        if (this.#route.way === undefined) this.#route.seek();
      });
      return this.#posting;
    } else this.#route.seek();
    return Promise.resolve();
  }

  /** The last attempt before the program ends; what is on its way may finish within the limit. */
  async flush(limitMs: DurationMs): Promise<void> {
    let isOver = false;
    const limit = new Promise<void>((resolve) => this.#clock.after(limitMs, resolve)).then(() => void (isOver = true));
    this.#turns.isLast = true;
    await Promise.race([this.#posting, limit]);
    if (!isOver) this.#route.finish();
    await Promise.race([this.wake(), limit]);
    this.#isStopped = true;
    this.#cancelTurn?.();
    this.#verbs.endWatch();
    await Promise.race([this.#route.close(), limit]);
  }

  /** The socket is up. */
  #arrived(): void {
    this.#isNews = true;
    this.#catchUp();
    this.#beginAgain();
    void this.wake();
  }

  /** What the edge on the other end has of all this is not known: it gets everything that is not durable, and knows repeats. */
  #beginAgain(): void {
    this.#turns.forget();
    this.#spool.handBackAll();
  }

  #repeatOthers(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#othersMs < REPEAT_OTHERS_MS) return;
    this.#othersMs = nowMs;
    this.#spool.handBackAll([this.#verbs.liveStream()]);
  }

  #catchUp(): void {
    if (this.#spool.waitingOf(this.#verbs.liveStream()) > BEHIND_SAMPLES) this.#verbs.beginStream();
  }

  #parted(): void {
    this.#verbs.endWatch();
    this.#cancelTurn?.();
  }

  #send(): void {
    for (;;) {
      const turn = this.#turns.next();
      if (typeof turn === "number") return this.#wakeAfter(turn);
      // It is full or was lost a moment ago: either way somebody notices soon.
      if (!this.#route.link?.send(this.#verbs.messageOf(turn))) return;
      this.#handedOver(turn);
      this.#tellSent({ samples: turn.samples.length }, this.#isNews);
      this.#isNews = false;
    }
  }

  async #post(): Promise<void> {
    while (this.#route.way === "post" && !this.#isStopped) {
      const turn = this.#turns.next();
      if (typeof turn === "number") {
        this.#wakeAfter(turn);
        break;
      }
      this.#handle(await this.#verbs.send(this.#verbs.envelopeOf(turn)), turn);
      this.#route.reconsider(false);
    }
    if (!this.#turns.isLast) this.#route.reconsider(!this.#route.isBlocked && !this.#turns.hasSuspects);
  }

  #wakeAfter(delayMs: DurationMs): void {
    this.#cancelTurn?.();
    this.#cancelTurn = Number.isFinite(delayMs) ? this.#clock.after(delayMs, () => void this.wake()) : undefined;
  }

  #handedOver(batch: Batch): void {
    this.#lastSent = batch.stream;
    this.#turns.sent(batch);
    this.#spool.handOver(batch.stream, batch.samples.at(-1)!.seq);
  }

  #heard(message: EdgeMessage): void {
    switch (message.type) {
      case "durable":
        this.#trouble.isOver();
        this.#route.proven();
        this.#spool.durable(message.stream, message.durableSeq);
        break;
      case "resend":
        this.#resend(message.stream, message.after);
        break;
      case "config":
        this.#turns.gather = message.samplesPerMessage;
        break;
      case "watch":
        this.#watch(message.intervalMs, message.forMs);
        break;
      case "notice":
        this.#notices.tell(message.message);
        break;
    }
    void this.wake();
  }

  #resend(stream: string, after: number): void {
    const before = this.#spool.waitingOf(stream);
    const count = this.#spool.handBack(stream, after);
    if (count === before) return;
    this.#turns.repeat();
    // It lost its memory, so it has lost what it held of the others too.
    this.#spool.handBackAll([stream, this.#verbs.liveStream()]);
    if (stream === this.#verbs.liveStream() && count > SAMPLES_PER_ENVELOPE_MAX) this.#verbs.beginStream();
  }

  #watch(intervalMs: DurationMs | null, forMs: DurationMs): void {
    if (intervalMs === null) return this.#verbs.endWatch();
    this.#verbs.watch(intervalMs, forMs, (watched) => this.#route.link?.send(watched) ?? false);
  }

  #handle(outcome: Outcome, batch: Batch): void {
    switch (outcome.kind) {
      case "taken":
        return this.#taken(outcome, batch);
      case "away":
        return this.#route.away(outcome.why, outcome.retryAfterMs);
      case "locked":
        return this.#route.locked(outcome.why);
      case "refused":
        this.#route.refusedPost();
        return this.#refusals.byPost(outcome.why, batch);
      case "stream-conflict":
        this.#refusals.conflicted(batch.stream, outcome.why);
        return this.#route.conflicted();
    }
  }

  #taken({ reply }: Extract<Outcome, { kind: "taken" }>, batch: Batch): void {
    const { durableSeq, metricsIngested, resendAfter, samplesPerMessage, clock } = reply;
    const { isNews } = this.#route.posted();
    this.#tellSent({ metricsIngested, samples: batch.samples.length, durableSeq }, isNews);
    if (clock && !this.#hasToldClock) this.#log.warn(`The clock of this machine is wrong: ${clock}`);
    this.#hasToldClock = clock !== undefined;
    this.#handedOver(batch);
    if (isNews) this.#catchUp();
    if (!this.#turns.hasSuspects) this.#trouble.isOver();
    this.#turns.gather = samplesPerMessage ?? 1;
    this.#spool.durable(batch.stream, durableSeq);
    if (resendAfter !== undefined) this.#resend(batch.stream, resendAfter);
  }

  #tellSent(told: object, isNews: boolean): void {
    const line = `Metrics sent successfully: ${inWords(told)}`;
    if (isNews) this.#log.info(line);
    else this.#log.debug(line);
  }
}
