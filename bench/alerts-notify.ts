import { setTimeout } from "node:timers/promises";
import { AlertEdge, send, sendAll } from "./alerts-edge.ts";
import type { BenchAgent } from "./envelope.ts";
import { quantile, round } from "./figures.ts";

const INSTANCES = 1_000;
const RULES = 20;
const INTERVAL_MS = 30_000;
const INCIDENTS = 100;
/** Apart by some time, so that they are spread over the load. */
const APART_MS = 200;
const TOLD_WITHIN_MS = 10_000;

/** From a sample over the threshold to its message with the receiver, beside a fleet that goes on; and how often the database was written to. */
export async function toldAfter(): Promise<{ notifyP95Ms: number; writesPerTransition: number }> {
  const edge = await AlertEdge.start(INSTANCES);
  try {
    await edge.makeRules(RULES);
    const troubled = edge.agents.slice(0, INCIDENTS);
    for (const { instance } of troubled) await edge.makeChannel(instance.id, [instance.id]);
    await sendAll(edge, edge.agents, 0, () => ({}));
    const load = new SteadyLoad(edge, edge.agents.slice(INCIDENTS));
    const times = { firing: [] as number[], resolved: [] as number[] };
    const [connection] = edge.connections(1);
    const [eventsBefore, writesBefore] = [await countEvents(edge), await edge.incidentWrites()];
    for (const agent of troubled) {
      for (const [kind, hot] of [
        ["firing", 0.99],
        ["resolved", 0.1],
      ] as const) {
        const told = edge.receiver.next(agent.instance.id);
        const began = performance.now();
        await send(connection!, agent, { hot });
        const message = await Promise.race([told, setTimeout(TOLD_WITHIN_MS, undefined)]);
        if (message?.kind !== kind) throw new Error(`${agent.instance.id}: ${message?.kind ?? "nothing"}, not ${kind}`);
        times[kind].push(message.at - began);
        await setTimeout(APART_MS);
      }
    }
    const posts = await load.stop();
    connection!.close();
    const events = (await countEvents(edge)) - eventsBefore;
    const writes = (await edge.incidentWrites()) - writesBefore;
    const words = Object.entries(times).map(([kind, all]) => {
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => quantile(all, q).toFixed(0));
      return `${kind} p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`;
    });
    console.error(
      `told after       ${words.join("; ")}; ${posts} samples of ${INSTANCES - INCIDENTS} others meanwhile; ` +
        `${writes} transactions for ${events} changes of incidents`,
    );
    return { notifyP95Ms: round(quantile(times.firing, 0.95), 0), writesPerTransition: round(writes / events, 2) };
  } finally {
    await edge.stop();
  }
}

function countEvents(edge: AlertEdge): Promise<number> {
  return edge.count("SELECT count(*) AS n FROM incident_event");
}

/** Samples as a fleet of that size sends them at 30 s, one after the other, until it is stopped. */
class SteadyLoad {
  #isStopped = false;
  readonly #sending: Promise<number>;

  constructor(edge: AlertEdge, agents: readonly BenchAgent[]) {
    this.#sending = this.#run(edge, agents);
  }

  /** How many there were. */
  stop(): Promise<number> {
    this.#isStopped = true;
    return this.#sending;
  }

  async #run(edge: AlertEdge, agents: readonly BenchAgent[]): Promise<number> {
    const connections = edge.connections(8);
    const began = performance.now();
    const lanes = connections.map(async (connection, lane) => {
      let posts = lane;
      for (; !this.#isStopped; posts += connections.length) {
        await send(connection, agents[posts % agents.length]!);
        const dueMs = ((posts + connections.length) * INTERVAL_MS) / INSTANCES - (performance.now() - began);
        if (dueMs > 0) await setTimeout(dueMs);
      }
      connection.close();
      return (posts - lane) / connections.length;
    });
    return (await Promise.all(lanes)).reduce((sum, posts) => sum + posts, 0);
  }
}
