import type { Collected } from "./collectors/collector.ts";

/** What the agent itself costs, so that nobody has to take its word for it. */
export class SelfUsage {
  #before: { microseconds: number; monotonicMs: number } | undefined;

  read(monotonicMs: number): Collected {
    const { user, system } = process.cpuUsage();
    const now = { microseconds: user + system, monotonicMs };
    const before = this.#before;
    this.#before = now;
    const elapsedMs = before ? monotonicMs - before.monotonicMs : 0;
    return {
      agent_memory_bytes: process.memoryUsage.rss(),
      // A share of one core; the garbage collector's threads may take it beyond the whole.
      agent_cpu_ratio:
        before && elapsedMs > 0 ? Math.min(1, (now.microseconds - before.microseconds) / 1_000 / elapsedMs) : undefined,
    };
  }
}
