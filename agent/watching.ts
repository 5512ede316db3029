import { INTERVAL_MIN_MS } from "../contract/limits.ts";
import type { AgentWatched } from "../contract/agent-link.ts";
import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import type { Collected, Collector } from "./collectors/collector.ts";
import { Runner } from "./collectors/runner.ts";
import { Procfs } from "./procfs.ts";
import { sampleOf } from "./sample.ts";
import { SelfUsage } from "./self-usage.ts";

/** Whoever looks is asked for again long before; an edge that asks for more gets no more. */
const LEASE_MAX_MS: DurationMs = 10 * 60_000;

export interface WatchingParts {
  root: string;
  clock: Clock;
  /** The agent's own: nobody gets more often than every second, or more seldom than this. */
  intervalMs: DurationMs;
  createCollectors(): Collector[];
  queueReadings(): Collected;
}

interface Turn {
  runner: Runner;
  usage: SelfUsage;
  intervalMs: DurationMs;
  untilMs: number;
  hasRates: boolean;
  isReading: boolean;
  cancel: () => void;
  send(watched: AgentWatched): boolean;
}

/**
 * Readings for whoever looks at this instance, beside the samples: from collectors of its own, because a rate is reckoned from
 * the reading before, and those of the samples must stay those of their own interval. They are sent and forgotten.
 */
export class Watching {
  readonly #parts: WatchingParts;
  #turn: Turn | undefined;
  /** When the last reading began, whoever it was for: not even one who ends and begins all the time gets them sooner. */
  #readMs = -Infinity;

  constructor(parts: WatchingParts) {
    this.#parts = parts;
  }

  get isOn(): boolean {
    return this.#turn !== undefined;
  }

  /** Begins, or goes on for longer. `send` answers false where it is no use to go on. */
  watch(intervalMs: DurationMs, forMs: DurationMs, send: (watched: AgentWatched) => boolean): void {
    const { clock } = this.#parts;
    this.#turn ??= {
      // Its quiet is on purpose: a collector that fails is told by the samples already.
      runner: new Runner(this.#parts.createCollectors(), clock, { info() {}, warn() {}, debug() {} }),
      usage: new SelfUsage(),
      hasRates: false,
      isReading: false,
      cancel: () => {},
      intervalMs,
      untilMs: 0,
      send,
    };
    this.#turn.intervalMs = Math.min(this.#parts.intervalMs, Math.max(INTERVAL_MIN_MS, intervalMs));
    this.#turn.untilMs = clock.monotonicMs() + Math.min(LEASE_MAX_MS, forMs);
    this.#turn.send = send;
    this.#schedule(this.#turn);
  }

  end(): void {
    this.#turn?.cancel();
    this.#turn = undefined;
  }

  #schedule(turn: Turn): void {
    if (turn.isReading) return;
    turn.cancel();
    const nowMs = this.#parts.clock.monotonicMs();
    const pauseMs = turn.hasRates ? turn.intervalMs : INTERVAL_MIN_MS;
    turn.cancel = this.#parts.clock.after(Math.max(0, this.#readMs + pauseMs - nowMs), () => void this.#tick(turn));
  }

  async #tick(turn: Turn): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#turn !== turn) return;
    if (nowMs >= turn.untilMs) return this.end();
    this.#readMs = nowMs;
    turn.isReading = true;
    const watched = await this.#read(turn);
    turn.isReading = false;
    if (this.#turn !== turn) return;
    // The first reading has no rates; it is what those of the second are reckoned from.
    if (turn.hasRates && !turn.send(watched)) return this.end();
    turn.hasRates = true;
    this.#schedule(turn);
  }

  async #read({ runner, usage }: Turn): Promise<AgentWatched> {
    const { clock, root, queueReadings } = this.#parts;
    const [at, monotonicMs] = [Math.trunc(clock.wallMs()), clock.monotonicMs()];
    const collected = await runner.collectAll({ monotonicMs, procfs: new Procfs(root) });
    const all = { ...collected, ...usage.read(monotonicMs), ...queueReadings() };
    return { type: "watched", at, metrics: sampleOf(0, at, all).metrics };
  }
}
