import type { IngestEnvelope } from "../contract/ingest.ts";
import { PROTOCOL } from "../contract/limits.ts";
import type { SeededInstance } from "./seed.ts";

const AGENT_VERSION = "0.1.0";
const INTERVAL_MS = 30_000;
const REGION = "eu-central";
const ORIGINAL_BEGINS_AGO_MS = 12 * 3_600_000;

/** One simulated agent: its numbering, and envelopes of twelve readings a sample. */
export class BenchAgent {
  readonly instance: SeededInstance;
  readonly #stream = crypto.randomUUID();
  #seq = 0;
  #at = 0;

  constructor(instance: SeededInstance) {
    this.instance = instance;
  }

  /**
   * The same as the original's payload, which numbers nothing and is durable with its answer. Half a minute apart, as a block is filled in
   * earnest, and beginning half a day ago, for they come faster than that; the edge takes what is less than a day from its own clock.
   */
  original(samples: number): object {
    this.#at ||= Math.floor(Date.now() / 1_000) * 1_000 - ORIGINAL_BEGINS_AGO_MS;
    const metrics = Array.from({ length: samples }, () => {
      this.#at += INTERVAL_MS;
      const entries = Object.entries(readings(++this.#seq));
      return entries.map(([name, value]) => ({ name, value, timestamp: this.#at }));
    });
    return { instanceId: this.instance.id, instanceName: this.instance.id, region: REGION, metrics: metrics.flat() };
  }

  get lastAt(): number {
    return this.#at;
  }

  envelope(samples: number): IngestEnvelope {
    const now = Date.now();
    return {
      protocol: PROTOCOL,
      agent: { version: AGENT_VERSION },
      instance: { id: this.instance.id, name: this.instance.id, region: REGION },
      stream: this.#stream,
      sentAt: now,
      intervalMs: INTERVAL_MS,
      samples: Array.from({ length: samples }, () => {
        // Time must pass between two samples, and these come faster than it does.
        this.#at = Math.max(now, this.#at + 1);
        return { seq: ++this.#seq, at: this.#at, metrics: readings(this.#seq) };
      }),
    };
  }
}

export function readings(seq: number): Record<string, number> {
  const wave = Math.round((0.5 + 0.4 * Math.sin(seq / 20)) * 1e4) / 1e4;
  return {
    cpu_busy_ratio: wave,
    cpu_iowait_ratio: 0.0123,
    memory_used_ratio: 0.4321,
    memory_available_bytes: 4_812_345_344 + seq,
    filesystem_used_ratio: 0.6172,
    "filesystem_used_ratio:/": 0.6172,
    load_1m: wave * 4,
    load_5m: 1.25,
    network_receive_bytes_per_second: 125_340.5 + seq,
    network_transmit_bytes_per_second: 98_765.25,
    uptime_seconds: 86_400 + seq * 30,
    processes_total: 214,
  };
}
