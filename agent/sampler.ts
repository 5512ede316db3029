import type { Sample } from "../contract/ingest.ts";
import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import type { Collected, Collector } from "./collectors/collector.ts";
import { Runner } from "./collectors/runner.ts";
import { readBootId } from "./collectors/uptime.ts";
import type { HealthCheck } from "./health-check.ts";
import type { Log } from "./log.ts";
import { Procfs } from "./procfs.ts";
import { sampleOf } from "./sample.ts";
import { SelfUsage } from "./self-usage.ts";
import type { Stream } from "./stream.ts";

export interface SamplerParts {
  root: string;
  clock: Clock;
  log: Log;
  stream: Stream;
  health: HealthCheck | undefined;
  createCollectors(): Collector[];
  /** What the queue says of itself. */
  queueReadings(): Collected;
  /** The kernel is another one than before, though this program went on: a restored or moved guest. */
  bootChanged(): void;
}

/** Takes samples: what the collectors, the health check, the queue and the agent itself say of one moment. */
export class Sampler {
  readonly #parts: SamplerParts;
  readonly #usage = new SelfUsage();
  #runner: Runner;
  #bootId: string | undefined;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
    this.#runner = new Runner(parts.createCollectors(), parts.clock, parts.log);
  }

  async take(healthWaitMs: DurationMs): Promise<{ stream: string; sample: Sample }> {
    const { clock, health, stream, root } = this.#parts;
    const monotonicMs = clock.monotonicMs();
    const { seq, at, stream: streamId } = stream.next(clock.wallMs(), monotonicMs);
    const procfs = new Procfs(root);
    this.#forgetAfterReboot(procfs);
    health?.begin();
    const collected: Collected = {
      ...(await this.#runner.collectAll({ monotonicMs, procfs })),
      ...this.#usage.read(monotonicMs),
      ...this.#parts.queueReadings(),
      ...(await health?.take(healthWaitMs)),
    };
    return { stream: streamId, sample: sampleOf(seq, at, collected) };
  }

  /** Counters of another boot are no beginning for a rate. */
  #forgetAfterReboot(procfs: Procfs): void {
    const bootId = readBootId(procfs);
    if (this.#bootId !== undefined && bootId !== undefined && bootId !== this.#bootId) {
      this.#runner = new Runner(this.#parts.createCollectors(), this.#parts.clock, this.#parts.log);
      this.#parts.bootChanged();
    }
    this.#bootId = bootId ?? this.#bootId;
  }
}
