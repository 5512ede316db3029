import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { COLLECTOR_LIMIT_MS, dimensionKey, worstOf, type Collected, type Collector, type Moment } from "./collector.ts";

/**
 * Runs the collectors one after another. Each is timed, each may fail alone, and none may hold the tick: one that does not
 * answer in time is left behind and skipped until it does. A failure is told when it begins and when it ends, not each tick.
 */
export class Runner {
  readonly #collectors: readonly Collector[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #failures = new Map<string, string>();
  readonly #unanswered = new Set<string>();

  constructor(collectors: readonly Collector[], clock: Clock, log: Log) {
    this.#collectors = collectors;
    this.#clock = clock;
    this.#log = log;
  }

  async collectAll(moment: Moment): Promise<Collected> {
    const all: Collected = {};
    const startedMs = this.#clock.monotonicMs();
    let endedMs = startedMs;
    for (const collector of this.#collectors) {
      const beganMs = endedMs;
      const failure = await this.#collectInto(all, collector, moment);
      this.#tellChange(collector.name, failure);
      endedMs = this.#clock.monotonicMs();
      all[dimensionKey("agent_collect_seconds", collector.name)] = (endedMs - beganMs) / 1_000;
      all[dimensionKey("agent_collector_failed", collector.name)] = failure === undefined ? 0 : 1;
    }
    all.agent_collect_seconds = (endedMs - startedMs) / 1_000;
    all.agent_collector_failed = worstOf(this.#collectors.map(({ name }) => (this.#failures.has(name) ? 1 : 0)));
    return all;
  }

  /** Why it failed, or undefined. */
  async #collectInto(all: Collected, collector: Collector, moment: Moment): Promise<string | undefined> {
    if (this.#unanswered.has(collector.name)) return "it has not answered since an earlier tick";
    try {
      const answer = collector.collect(moment);
      Object.assign(all, answer instanceof Promise ? await this.#withinLimit(collector.name, answer) : answer);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #withinLimit(name: string, answer: Promise<Collected>): Promise<Collected> {
    this.#unanswered.add(name);
    const settled = answer.finally(() => this.#unanswered.delete(name));
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(COLLECTOR_LIMIT_MS, () =>
        reject(new Error(`it did not answer within ${COLLECTOR_LIMIT_MS / 1_000} s`)),
      );
      settled.then(resolve, reject).finally(cancel);
    });
  }

  #tellChange(name: string, failure: string | undefined): void {
    const had = this.#failures.has(name);
    if (failure === undefined) {
      this.#failures.delete(name);
      if (had) this.#log.info(`Collector ${name} works again`);
    } else {
      this.#failures.set(name, failure);
      if (!had) this.#log.warn(`Collector ${name} failed: ${failure}. Its metrics are left out until it works again`);
    }
  }
}
