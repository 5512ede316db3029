import type { NewRule, ruleListSchema } from "../contract/rules.ts";
import type { z } from "zod";
import type { EpochMs } from "../contract/units.ts";
import { BenchReceiver } from "./alerts-receiver.ts";
import { seedSettings } from "./checks.ts";
import { Connection } from "./connection.ts";
import { BenchAgent } from "./envelope.ts";
import { migrate, query, seedInstances, signIn } from "./seed.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

/** None of the load's: who sends it is who is meant. */
export const HOT_METRIC = "swap_used_ratio";
const EVERYBODY = { tags: [], providers: [], regions: [], subjects: [] };

/** A Nephos with a fleet, rules and a receiver of what it tells. */
export class AlertEdge {
  readonly receiver: BenchReceiver;
  readonly agents: BenchAgent[];
  readonly #workerd: Workerd;
  readonly #cookie: string;

  private constructor(workerd: Workerd, receiver: BenchReceiver, agents: BenchAgent[], cookie: string) {
    this.#workerd = workerd;
    this.receiver = receiver;
    this.agents = agents;
    this.#cookie = cookie;
  }

  static async start(instances: number): Promise<AlertEdge> {
    const workerd = await startWorkerd({ appEntry: "alerts.worker.mjs" });
    const receiver = await BenchReceiver.start();
    try {
      const { app, d1 } = workerd.url;
      await migrate(d1);
      await seedSettings(d1);
      const seeded = await seedInstances(d1, instances);
      const agents = seeded.map((instance) => new BenchAgent(instance));
      return new AlertEdge(workerd, receiver, agents, await signIn(d1, app));
    } catch (error) {
      await receiver.stop();
      await workerd.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.receiver.stop();
    await this.#workerd.stop();
  }

  /** Connections of their own, as agents have them. */
  connections(count: number): Connection[] {
    return Array.from({ length: count }, () => new Connection(this.#workerd.url.app));
  }

  /** With what Nephos begins with and one that fires at once there are so many rules. */
  async makeRules(count: number): Promise<void> {
    await this.#makeRule("Hot", HOT_METRIC, 0.9);
    const { rules } = (await (await this.#ask("GET", "/api/rules")).json()) as z.infer<typeof ruleListSchema>;
    for (let number = rules.length; number < count; number++)
      await this.#makeRule(`Rule ${number}`, number % 2 ? "cpu_busy_ratio" : "memory_used_ratio", 0.99);
  }

  /** The receiver knows it by this name. Nobody in `subjects`: of everybody. */
  async makeChannel(name: string, subjects: string[]): Promise<void> {
    const config = { kind: "webhook", url: `${this.receiver.url}/${name}`, secret: "a-secret-of-this-bench" };
    await this.#ask("POST", "/api/channels", { name, scope: { ...EVERYBODY, subjects }, config });
  }

  /** As if it were then. */
  async tick(at: EpochMs): Promise<void> {
    const reply = await fetch(`${this.#workerd.url.app}/bench/tick?at=${at}`);
    if (!reply.ok) throw new Error(`The tick failed: ${await reply.text()}`);
  }

  async incidentWrites(): Promise<number> {
    const reply = await fetch(`${this.#workerd.url.app}/bench/counted`);
    return ((await reply.json()) as { incidentWrites: number }).incidentWrites;
  }

  /** The one figure that a statement answers, as `n`. */
  async count(sql: string): Promise<number> {
    const [row] = await query<{ n: number }>(this.#workerd.url.d1, [{ sql }]);
    return row!.n;
  }

  async #makeRule(name: string, metric: string, critical: number): Promise<void> {
    const thresholds = { warning: null, critical, recovery: null };
    const rule: NewRule = {
      name,
      isEnabled: true,
      condition: { kind: "metric", metric, direction: "above", ...thresholds },
      scope: EVERYBODY,
      holdMs: 0,
      keepFiringMs: 0,
    };
    await this.#ask("POST", "/api/rules", rule);
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Response> {
    const { app } = this.#workerd.url;
    const reply = await fetch(app + path, {
      method,
      headers: { origin: app, cookie: this.#cookie, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply;
  }
}

/** One sample; `hot`: the reading that the rule is about, `region`: where its machine says it stands. */
export async function send(
  connection: Connection,
  agent: BenchAgent,
  { hot, region }: { hot?: number; region?: string } = {},
): Promise<void> {
  const envelope = agent.envelope(1);
  if (hot !== undefined) envelope.samples[0]!.metrics[HOT_METRIC] = hot;
  if (region !== undefined) envelope.instance.region = region;
  const status = await connection.post("/ingest", agent.instance.token, JSON.stringify(envelope));
  if (status !== 200) throw new Error(`${agent.instance.id}: ${status} ${connection.lastBody}`);
}

/** Each of these agents once, evenly within this time or as fast as it goes. */
export async function sendAll(
  edge: AlertEdge,
  agents: readonly BenchAgent[],
  withinMs: number,
  how: (agent: BenchAgent, index: number) => Parameters<typeof send>[2],
): Promise<void> {
  const began = performance.now();
  const connections = edge.connections(CONNECTIONS);
  await Promise.all(
    connections.map(async (connection, lane) => {
      for (let index = lane; index < agents.length; index += CONNECTIONS) {
        const dueMs = (index / agents.length) * withinMs - (performance.now() - began);
        if (dueMs > 0) await new Promise((passed) => setTimeout(passed, dueMs));
        await send(connection, agents[index]!, how(agents[index]!, index));
      }
      connection.close();
    }),
  );
}

const CONNECTIONS = 16;
