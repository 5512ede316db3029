import { Connection } from "./connection.ts";
import { BenchAgent } from "./envelope.ts";
import type { SeededInstance } from "./seed.ts";

/** A process of its own, so that driving does not take time from counting: it drives one round per message. */
export interface Fleet {
  instances: SeededInstance[];
}

export interface Round {
  url: string;
  connections: number;
  samplesPerPost: number;
  /** What is posted: the agents' envelope, or the original's payload. */
  payload: "envelope" | "original";
  forMs: number;
}

export interface RoundResult {
  samplesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  refused: number;
  /** The first refusal's body. */
  refusal?: string;
}

let agents: BenchAgent[] = [];

async function drive({ url, connections, samplesPerPost, payload, forMs }: Round): Promise<RoundResult> {
  const latencies: number[] = [];
  let refused = 0;
  let refusal: string | undefined;
  const began = performance.now();
  const until = began + forMs;
  const lane = async (lane: number) => {
    const connection = new Connection(url);
    // Agents are dealt out to lanes: an agent has one envelope on its way at a time, as a real one has.
    for (let turn = lane; performance.now() < until; turn += connections) {
      const agent = agents[turn % agents.length]!;
      const body = JSON.stringify(agent[payload](samplesPerPost));
      const sent = performance.now();
      const status = await connection.post("/ingest", agent.instance.token, body);
      if (status === 200) latencies.push(performance.now() - sent);
      else {
        refused++;
        refusal ??= `${status} ${connection.lastBody}`;
      }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, index) => lane(index)));
  const seconds = (performance.now() - began) / 1_000;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor(latencies.length * q)] ?? Number.NaN;
  return {
    samplesPerSecond: (latencies.length * samplesPerPost) / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    refused,
    ...(refusal && { refusal }),
  };
}

process.on("message", (message: Fleet | Round) => {
  if ("instances" in message) {
    agents = message.instances.map((instance) => new BenchAgent(instance));
    return;
  }
  drive(message).then(
    (result) => process.send!({ result }),
    (error: Error) => process.send!({ error: error.message }),
  );
});
// Whoever started this has gone: so does this.
process.on("disconnect", () => process.exit());
