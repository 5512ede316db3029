import { createContext } from "svelte";
import type { LiveMessage, LiveSample } from "../../../contract/live.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { onRefusal, type ApiError } from "./api.ts";
import { FleetView } from "./fleet/fleet-view.svelte.ts";
import { IncidentWatch } from "./incidents/incident-watch.svelte.ts";
import { InsightWatch, RECOUNT_EVERY_MS } from "./insights/insight-watch.svelte.ts";
import { Clock } from "./live/clock.svelte.ts";
import { Fleet } from "./live/fleet.svelte.ts";
import { browserWorld, type Connection, LiveSocket } from "./live/socket.ts";
import { whileVisible } from "./live/while-visible.ts";
import { SessionState } from "./session.svelte.ts";
import { Shortcuts } from "./shell/shortcuts.ts";
import type { Theme } from "./theme.svelte.ts";
import { Toasts } from "./ui/toasts.svelte.ts";

/** What every page behind the sign-in shares: one socket, one fleet, one clock. */
export class App {
  readonly theme: Theme;
  readonly clock = new Clock();
  readonly fleet = new Fleet();
  readonly view = new FleetView(this.fleet, () => this.now);
  readonly toasts = new Toasts();
  readonly incidents = new IncidentWatch(({ text, tone, href }) => this.toasts.show(text, tone, href));
  readonly insights = new InsightWatch();
  readonly shortcuts = new Shortcuts();
  readonly session: SessionState;
  readonly socket: LiveSocket;
  connection = $state.raw<Connection>({ state: "connecting", lostAt: null });
  /** The reader is asked to confirm who it is: the ways to sign in are changed within an hour of signing in. */
  isConfirmAsked = $state(false);
  /** Grows when the watched instance is watched again after nobody looked: its charts missed what came meanwhile. */
  returns = $state(0);
  #hasBeenOpen = false;
  #listeners = new Set<(sample: LiveSample) => void>();

  constructor(theme: Theme, leaveForSignIn: (isSignedOut: boolean) => void) {
    this.theme = theme;
    this.session = new SessionState(leaveForSignIn);
    this.socket = new LiveSocket(
      {
        message: (message) => this.#receive(message),
        connection: (connection) => this.#connectionBecame(connection),
        refused: () => void this.session.check(),
      },
      browserWorld,
    );
  }

  /** The server's time the picture is true for: while the connection is lost, nobody grows stale by our own deafness. */
  get now(): EpochMs {
    if (this.connection.state !== "open") return this.fleet.heardAt;
    return Math.max(this.clock.now + this.fleet.offsetMs, this.fleet.heardAt);
  }

  /** The server's time by this clock, which goes on while the connection is lost: for ages, which grow all the same. */
  get ageNow(): EpochMs {
    return this.clock.now + this.fleet.offsetMs;
  }

  /** Hears every sample of the watched instance. */
  onSample(listener: (sample: LiveSample) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Does what takes a fresh session, or asks for one first: before a form is filled in, not after. */
  whenFresh(act: () => void): void {
    if (this.session.isFresh(this.clock.now + this.fleet.offsetMs)) act();
    else this.isConfirmAsked = true;
  }

  start(): () => void {
    const wake = () => {
      if (!document.hidden) this.socket.retryNow();
    };
    const look = () => {
      if (document.hidden) this.socket.lookedAway();
      else if (this.socket.lookedBack()) this.returns += 1;
      wake();
    };
    const stopClock = this.clock.start();
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", look);
    if (document.hidden) this.socket.lookedAway();
    const stopHearing = onRefusal((refusal) => this.#refused(refusal));
    this.socket.start();
    const stopChecking = this.session.start();
    const stopCounting = whileVisible(RECOUNT_EVERY_MS, () => this.insights.recount());
    return () => {
      stopClock();
      stopHearing();
      stopChecking();
      stopCounting();
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", look);
      this.socket.stop();
      this.incidents.stop();
    };
  }

  #refused({ code }: ApiError): void {
    if (code === "sign_in_again") this.isConfirmAsked = true;
    if (code === "sign_in_required" && this.session.current !== null) this.session.left();
    if (code === "role_too_low") void this.session.check();
  }

  #receive(message: LiveMessage): void {
    this.fleet.apply(message, Date.now());
    if (message.type === "snapshot") void Promise.all([this.incidents.load(), this.insights.load()]);
    if (message.type === "incident") this.incidents.hear(message.incident, message.now);
    if (message.type === "sample") for (const listener of this.#listeners) listener(message.sample);
  }

  #connectionBecame(connection: Connection): void {
    // Both ends of the pause are told by this clock; the ticking one may be a second behind.
    this.clock.now = Date.now();
    const isEnded = connection.state === "ended" && this.connection.state !== "ended";
    this.connection = connection;
    if (isEnded) this.session.left();
    // The shard also drops sockets where a person's role or tags changed.
    if (connection.state === "open" && this.#hasBeenOpen) void this.session.check();
    if (connection.state === "open") this.#hasBeenOpen = true;
  }
}

export const [getApp, setApp] = createContext<App>();
