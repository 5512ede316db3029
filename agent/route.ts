import type { EdgeMessage } from "../contract/agent-link.ts";
import type { DurationMs } from "../contract/units.ts";
import { backoffMs, slowRetryMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { isOfSamples, type EdgeError } from "./edge-message.ts";
import type { Link, LinkEnd, LinkEvents } from "./link.ts";
import { Trouble, type Log } from "./log.ts";

/** A new version of the edge closes all its sockets at once; they are not to come back at once. */
const RETURN_MAX_MS: DurationMs = 60_000;
/** Where sockets do not get through, they are tried again after this, up to three times as long. */
const SOCKET_RETRY_MIN_MS: DurationMs = 10 * 60_000;
/** A socket that is cut before the first word may be chance; twice in a row it is the network's way. */
const BLOCKED_MAX = 2;
/** What an edge says that is busy or away from its database: nobody has to mend it. */
const PASSING: readonly string[] = ["too_busy", "too_many", "storage_unavailable", "internal"];

type Conversation = Pick<Link, "send" | "close">;

export interface RouteParts {
  clock: Clock;
  log: Log;
  trouble: Trouble;
  openLink(events: LinkEvents): Conversation;
  /** Samples may go on the socket from now on. */
  welcomed(): void;
  heard(message: EdgeMessage): void;
  /** The socket is gone. */
  parted(): void;
  /** Samples may go by POST from now on. */
  turnedToPost(): void;
  /** The edge does not take one of the samples. */
  refused(error: EdgeError): void;
  conflicted(stream: string, why: string): void;
  /** The time has come to go on. */
  wake(): void;
  waiting(): number;
}

/** Which way samples go: on a socket where it gets through, by POST where it does not. And when the next attempt is due. */
export class Route {
  readonly #parts: RouteParts;
  readonly #socketTrouble: Trouble;
  #way: "socket" | "post" | undefined;
  #link: Conversation | undefined;
  #failures = 0;
  #blocked = 0;
  #conflicts = 0;
  /** A POST was answered as it should since this way was taken. */
  #hasPosted = false;
  #isSocketDue = false;
  #isFinishing = false;
  #cancelRest: (() => void) | undefined;
  #cancelSocketRetry: (() => void) | undefined;

  constructor(parts: RouteParts) {
    this.#parts = parts;
    this.#socketTrouble = new Trouble(parts.log);
  }

  /** Undefined while there is none, or while nothing is to be tried. */
  get way(): "socket" | "post" | undefined {
    return this.#cancelRest ? undefined : this.#way;
  }

  get link(): Conversation | undefined {
    return this.#way === "socket" ? this.#link : undefined;
  }

  /** Looks for a way, unless it has one, is looking, or is resting. */
  seek(): void {
    if (this.#way || this.#link || this.#cancelRest || this.#isFinishing) return;
    const { welcomed, heard } = this.#parts;
    this.#link = this.#parts.openLink({
      welcomed: () => {
        this.#way = "socket";
        this.#blocked = 0;
        this.#socketTrouble.isOver();
        welcomed();
      },
      heard,
      ended: (end) => this.#ended(end),
    });
  }

  /** Between two POSTs: is it time to try the socket again? `isDone` where there is no more reason to post. */
  reconsider(isDone: boolean): void {
    if (this.#way === "post" && (this.#isSocketDue || isDone)) this.#leavePost();
  }

  /** Where it came to posting because a sample was refused, sockets get through. */
  get isBlocked(): boolean {
    return this.#blocked >= BLOCKED_MAX;
  }

  /** An envelope was taken. */
  posted(): { isNews: boolean } {
    const isNews = !this.#hasPosted || this.#failures > 0;
    this.#hasPosted = true;
    this.proven();
    return { isNews };
  }

  /** It works to the end. A welcome alone proves nothing: an edge may welcome, and fall silent each time. */
  proven(): void {
    this.#failures = this.#conflicts = 0;
  }

  away(why: string, retryAfterMs: DurationMs): void {
    const { trouble, clock, waiting } = this.#parts;
    trouble.tell(why, `Could not send: ${why}. Samples waiting: ${waiting()}`);
    // Neither way gets through, so it is not sockets that are the matter: both are tried, in turn.
    if (this.#way === "post" && !this.#hasPosted) this.#leavePost();
    this.#rest(backoffMs(++this.#failures, clock.random(), retryAfterMs));
  }

  locked(why: string): void {
    const { trouble, clock, waiting } = this.#parts;
    trouble.tell(why, `Nephos takes no samples. ${why}. Samples waiting: ${waiting()}`);
    if (this.#way === "post" && !this.#hasPosted) this.#leavePost();
    this.#failures++;
    this.#rest(slowRetryMs(clock.random()));
  }

  refusedPost(): void {
    this.#failures++;
  }

  /** A fresh id cannot conflict; a server that says so again is not to be asked in a circle. */
  conflicted(): void {
    if (++this.#conflicts > 1) this.#rest(backoffMs(++this.#failures, this.#parts.clock.random()));
  }

  /** The last attempt: what is up stays up, everything else becomes a POST. */
  finish(): void {
    this.#isFinishing = true;
    this.#stopResting();
    if (this.#way) return;
    void this.#link?.close();
    this.#link = undefined;
    this.#way = "post";
  }

  async close(): Promise<void> {
    this.#stopResting();
    this.#cancelSocketRetry?.();
    await this.#link?.close();
  }

  #post(): void {
    this.#way = "post";
    this.#hasPosted = this.#isSocketDue = false;
    this.#cancelSocketRetry?.();
    const waitMs = SOCKET_RETRY_MIN_MS * (1 + 2 * this.#parts.clock.random());
    this.#cancelSocketRetry = this.#parts.clock.after(waitMs, () => {
      this.#isSocketDue = true;
      this.#parts.wake();
    });
    this.#parts.turnedToPost();
  }

  #leavePost(): void {
    this.#way = undefined;
    this.#isSocketDue = false;
    this.#cancelSocketRetry?.();
  }

  #ended(end: LinkEnd): void {
    const { clock, log } = this.#parts;
    const wasUp = this.#way === "socket";
    this.#link = undefined;
    this.#way = undefined;
    if (wasUp) this.#parts.parted();
    switch (end.kind) {
      case "away":
        return this.away(end.why, end.retryAfterMs);
      case "locked":
        return this.locked(end.why);
      case "closed":
        log.debug(end.why);
        return this.#rest(clock.random() * RETURN_MAX_MS);
      case "dead":
        return this.away(end.why, 0);
      case "error":
        return this.#refused(end.error, end.why);
      case "blocked":
        this.#blocked += end.isCertain ? BLOCKED_MAX : 1;
        if (!this.isBlocked) return this.away(end.why, 0);
        this.#socketTrouble.tell(end.why, `A socket does not get through, so samples are posted. ${end.why}`);
        this.#post();
        return this.#parts.wake();
    }
  }

  #refused(error: EdgeError, why: string): void {
    const { stream } = error;
    if (error.code === "stream_conflict" && stream !== undefined) {
      this.#parts.conflicted(stream, why);
      return this.#rest(backoffMs(++this.#conflicts, this.#parts.clock.random()));
    }
    if (PASSING.includes(error.code)) return this.away(why, 0);
    if (!isOfSamples(error)) return this.locked(why);
    // By POST, because each of its answers is about one envelope.
    this.#post();
    this.#parts.refused(error);
    this.#parts.wake();
  }

  #rest(delayMs: DurationMs): void {
    this.#parts.log.debug(`Next attempt in ${Math.round(delayMs / 1_000)} s`);
    this.#stopResting();
    this.#cancelRest = this.#parts.clock.after(delayMs, () => {
      this.#cancelRest = undefined;
      this.#parts.wake();
    });
  }

  #stopResting(): void {
    this.#cancelRest?.();
    this.#cancelRest = undefined;
  }
}
