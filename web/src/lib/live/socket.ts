import { CLOSE_SESSION_ENDED, PING, PONG } from "../../../../contract/limits.ts";
import type { LiveMessage, ViewerMessage } from "../../../../contract/live.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { retryDelay } from "./backoff.ts";

/**
 * The socket to the fleet, kept open for as long as the dashboard is. It never gives up: a lost connection is retried
 * with growing pauses, at once when the network or the tab comes back. Only an ended session stops it.
 */

export const PING_EVERY_MS: DurationMs = 25_000;
/** A half-open connection looks healthy for minutes; an unanswered ping unmasks it. */
export const PONG_WITHIN_MS: DurationMs = 10_000;

/** Whoever changes tabs for a moment comes back to a chart without a hole. */
export const LOOK_AWAY_MS: DurationMs = 30_000;

/** A network that swallows packets lets an attempt hang for minutes. */
export const OPEN_WITHIN_MS: DurationMs = 10_000;

export type Connection =
  | { state: "connecting"; lostAt: EpochMs | null }
  | { state: "open" }
  | { state: "lost"; lostAt: EpochMs; retryAt: EpochMs }
  | { state: "ended" };

export interface SocketHandlers {
  message(message: LiveMessage): void;
  connection(connection: Connection): void;
  /** An attempt failed before it opened: the reason may be an ended session, which a browser does not tell. */
  refused(): void;
}

/** What the socket needs of the world, so that a test can be the world. */
export interface SocketWorld {
  open(): WebSocketLike;
  now(): EpochMs;
  random(): number;
  /** Calls back once after the delay; the returned function calls it off. */
  after(delay: DurationMs, act: () => void): () => void;
}

export interface WebSocketLike {
  onopen: (() => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  send(data: string): void;
  close(): void;
}

export class LiveSocket {
  #handlers: SocketHandlers;
  #world: SocketWorld;
  #socket: WebSocketLike | null = null;
  #isOpen = false;
  #attempt = 0;
  #lostAt: EpochMs | null = null;
  #watched: string | null = null;
  /** Nobody has looked for a while: the agent need not send every second. */
  #isAway = false;
  #cancelAway = () => {};
  #cancelRetry = () => {};
  #cancelPulse = () => {};

  constructor(handlers: SocketHandlers, world: SocketWorld) {
    this.#handlers = handlers;
    this.#world = world;
  }

  start(): void {
    this.#cancelRetry();
    this.#drop();
    this.#handlers.connection({ state: "connecting", lostAt: this.#lostAt });
    const socket = this.#world.open();
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = (event) => this.#closed(event.code);
    this.#cancelPulse = this.#world.after(OPEN_WITHIN_MS, () => this.#closed(1006));
  }

  /** Closes for good, without a word: whoever stops it knows. */
  stop(): void {
    this.#cancelRetry();
    this.#cancelAway();
    this.#drop();
  }

  /** Tries again now unless the connection stands. */
  retryNow(): void {
    if (this.#isOpen || this.#socket) return;
    this.start();
  }

  watch(instanceId: string): void {
    this.#watched = instanceId;
    if (!this.#isAway) this.#say({ type: "watch", instanceId });
  }

  unwatch(): void {
    this.#watched = null;
    if (!this.#isAway) this.#say({ type: "unwatch" });
  }

  /** The tab is out of sight: what is watched is let go, unless somebody looks again soon. */
  lookedAway(): void {
    this.#cancelAway();
    this.#cancelAway = this.#world.after(LOOK_AWAY_MS, () => {
      this.#isAway = true;
      if (this.#watched !== null) this.#say({ type: "unwatch" });
    });
  }

  /** The tab is seen again. Says whether something was let go meanwhile: what came since is only in the history. */
  lookedBack(): boolean {
    this.#cancelAway();
    if (!this.#isAway) return false;
    this.#isAway = false;
    if (this.#watched === null) return false;
    this.#say({ type: "watch", instanceId: this.#watched });
    return true;
  }

  #opened(): void {
    this.#isOpen = true;
    this.#attempt = 0;
    this.#lostAt = null;
    this.#handlers.connection({ state: "open" });
    if (this.#watched !== null && !this.#isAway) this.#say({ type: "watch", instanceId: this.#watched });
    this.#schedulePing();
  }

  #received(data: unknown): void {
    if (data === PONG) return this.#schedulePing();
    if (typeof data !== "string") return;
    this.#handlers.message(JSON.parse(data) as LiveMessage);
  }

  #closed(code: number): void {
    const wasOpen = this.#isOpen;
    this.#drop();
    if (code === CLOSE_SESSION_ENDED) return this.#handlers.connection({ state: "ended" });
    if (!wasOpen) this.#handlers.refused();
    this.#lostAt ??= this.#world.now();
    const delay = retryDelay(this.#attempt, this.#world.random());
    this.#attempt += 1;
    this.#cancelRetry = this.#world.after(delay, () => this.start());
    this.#handlers.connection({ state: "lost", lostAt: this.#lostAt, retryAt: this.#world.now() + delay });
  }

  #schedulePing(): void {
    this.#cancelPulse();
    this.#cancelPulse = this.#world.after(PING_EVERY_MS, () => {
      this.#socket?.send(PING);
      this.#cancelPulse = this.#world.after(PONG_WITHIN_MS, () => this.#closed(1006));
    });
  }

  #say(message: ViewerMessage): void {
    if (this.#isOpen) this.#socket?.send(JSON.stringify(message));
  }

  /** Forgets the present socket, so that its late events change nothing. */
  #drop(): void {
    this.#cancelPulse();
    this.#isOpen = false;
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

export const browserWorld: SocketWorld = {
  open: () =>
    new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`) as WebSocketLike,
  now: () => Date.now(),
  random: () => Math.random(),
  after: (delay, act) => {
    const timer = setTimeout(act, delay);
    return () => clearTimeout(timer);
  },
};
