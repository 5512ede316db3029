import { randomUUID } from "node:crypto";
import type { IngestEnvelope, IngestReply } from "../contract/ingest.ts";
import { PROTOCOL } from "../contract/limits.ts";
import type { EpochMs } from "../contract/units.ts";
import type { SignedIn } from "./owner.ts";

const INTERVAL_MS = 30_000;

/** An agent that measures its CPU every half minute and, like a real one, sends all that was not called durable yet with the same numbers. */
export class HotAgent {
  readonly id: string;
  readonly #token: string;
  readonly #stream = randomUUID();
  #kept: IngestEnvelope["samples"] = [];
  #seq = 0;
  /** Its clock goes on from sample to sample only, so that nobody waits half a minute in earnest: the edge sees one that runs ahead. */
  #clock: EpochMs = Date.now();
  #durableSeq = 0;

  private constructor(id: string, token: string) {
    this.id = id;
    this.#token = token;
  }

  static async of(owner: SignedIn, id: string): Promise<HotAgent> {
    return new HotAgent(id, (await owner.newToken(id)).secret);
  }

  measures(cpuBusyRatio: number): void {
    this.#clock += INTERVAL_MS;
    this.#kept.push({ seq: ++this.#seq, at: this.#clock, metrics: { cpu_busy_ratio: cpuBusyRatio } });
  }

  async sends(origin: string): Promise<void> {
    const envelope: IngestEnvelope = {
      protocol: PROTOCOL,
      agent: { version: "0.1.0" },
      instance: { id: this.id, name: this.id },
      stream: this.#stream,
      sentAt: this.#clock,
      intervalMs: INTERVAL_MS,
      after: this.#durableSeq,
      samples: this.#kept,
    };
    const reply = await fetch(`${origin}/ingest`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      body: JSON.stringify(envelope),
    });
    if (!reply.ok) throw new Error(`${this.id}: ${reply.status} ${await reply.text()}`);
    const { durableSeq } = (await reply.json()) as IngestReply;
    this.#durableSeq = Math.max(this.#durableSeq, durableSeq);
    this.#kept = this.#kept.filter(({ seq }) => seq > this.#durableSeq);
  }
}
