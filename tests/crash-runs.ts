import { setTimeout } from "node:timers/promises";
import type { z } from "zod";
import type { IncidentState } from "../contract/incident-kinds.ts";
import type { NewRule, ruleListSchema } from "../contract/rules.ts";
import type { EpochMs } from "../contract/units.ts";
import type { AlertRows } from "./alert-rows.ts";
import type { Chance } from "./chance.ts";
import { faultsOf, type CrashFaults } from "./crash-faults.ts";
import { HotAgent } from "./hot-agent.ts";
import { KillableEdge } from "./killable-edge.ts";
import { UnsteadyWebhook } from "./outside/unsteady-webhook.ts";
import { SignedIn } from "./owner.ts";

const HOT = 0.97;
const COOL = 0.1;
/** After a sample's POST began: until it is decided, written, told and written down as told. */
const DIES_WITHIN_MS = [0, 80] as const;
const DIES_COOLING = 0.7;
const DIES_STARTING = 0.15;
const STARTING_MS = [100, 1_500] as const;
/** Longer than whoever was killed while sending has what it was sending. */
const TICKS_APART_MS = 61_000;
/** A channel that fails is tried again within a quarter of an hour. */
const TICKS_MAX = 40;
const LOOK_EVERY_MS = 25;
const DECIDED_WITHIN_MS = 10_000;
const CPU_RULE: NewRule = {
  name: "CPU too busy",
  isEnabled: true,
  condition: {
    kind: "metric",
    metric: "cpu_busy_ratio",
    direction: "above",
    warning: null,
    critical: 0.9,
    recovery: null,
  },
  scope: { tags: [], providers: [], regions: [], subjects: [] },
  holdMs: 0,
  keepFiringMs: 0,
};

export interface CrashReport {
  runs: number;
  kills: number;
  /** What the kills left behind: how far it had come with what the sample said. */
  died: Record<"nothing written" | "written" | "told", number>;
  /** Messages that came more than once, each time with the same id. */
  repeated: number;
  /** Messages that the receiver did not want. */
  failed: number;
  complaints: string[];
  faults: CrashFaults;
  /** All that the edge said. */
  output: string;
}

/**
 * So many times: an agent is hot and the edge dies of it, or soon after; it is started again, the agent sends as agents do, and all that
 * waits is told; then the agent is cool, and the edge may die again.
 */
export async function crashRuns(count: number, chance: Chance): Promise<CrashReport> {
  const webhook = await UnsteadyWebhook.start(chance);
  const edge = await KillableEdge.start([], chance);
  try {
    const runs = new CrashRuns(edge, chance, webhook, await preparedBy(edge));
    for (let run = 0; run < count; run++) await runs.run(`crashed-${run}`);
    return await runs.report();
  } finally {
    await edge.end();
    await webhook.stop();
  }
}

/** One rule, and nothing that Nephos begins with. */
async function preparedBy(edge: KillableEdge): Promise<SignedIn> {
  const owner = await SignedIn.by(await edge.signInLink());
  await owner.send("PUT", "/api/sentinel/settings", {
    regions: ["weur"],
    allowsPrivateTargets: true,
    ownHostnames: [],
    makesDefaultChecks: false,
  });
  const { rules } = await owner.get<z.infer<typeof ruleListSchema>>("/api/rules");
  for (const { id, name, condition, scope, holdMs, keepFiringMs } of rules) {
    const off: NewRule = { name, condition, scope, holdMs, keepFiringMs, isEnabled: false };
    await owner.send("PUT", `/api/rules/${id}`, off);
  }
  await owner.send("POST", "/api/rules", CPU_RULE);
  return owner;
}

class CrashRuns {
  readonly #edge: KillableEdge;
  readonly #chance: Chance;
  readonly #webhook: UnsteadyWebhook;
  readonly #owner: SignedIn;
  readonly #subjects: string[] = [];
  readonly #died: CrashReport["died"] = { "nothing written": 0, written: 0, told: 0 };
  #kills = 0;
  /** Of the last tick. */
  #at: EpochMs = 0;

  constructor(edge: KillableEdge, chance: Chance, webhook: UnsteadyWebhook, owner: SignedIn) {
    this.#edge = edge;
    this.#chance = chance;
    this.#webhook = webhook;
    this.#owner = owner;
  }

  async run(id: string): Promise<void> {
    this.#subjects.push(id);
    const agent = await HotAgent.of(this.#owner, id);
    await this.#newChannel(id);
    await this.#goesThrough(agent, HOT, "open", true);
    await this.#goesThrough(agent, COOL, "resolved", this.#chance.happens(DIES_COOLING));
  }

  async report(): Promise<CrashReport> {
    const { came, complaints, failed } = this.#webhook;
    const rows = await this.#edge.alertRows();
    return {
      runs: this.#subjects.length,
      kills: this.#kills,
      died: this.#died,
      repeated: came.length - new Set(came.map(({ id }) => id)).size,
      failed,
      complaints,
      faults: faultsOf(this.#subjects, rows, came),
      output: this.#edge.output,
    };
  }

  /** One of its own for each agent: a channel that has told of several incidents within a minute gathers what follows. */
  async #newChannel(subject: string): Promise<void> {
    await this.#owner.send("POST", "/api/channels", {
      name: `For ${subject}`,
      scope: { tags: [], providers: [], regions: [], subjects: [subject] },
      config: { kind: "webhook", url: `${this.#webhook.url}/${subject}`, secret: "a-secret-of-this-walk" },
    });
  }

  async #goesThrough(agent: HotAgent, cpuBusyRatio: number, state: IncidentState, dies: boolean): Promise<void> {
    agent.measures(cpuBusyRatio);
    if (dies) {
      // It may die before it has answered.
      const sending = agent.sends(this.#edge.origin).catch(() => {});
      await setTimeout(this.#chance.between(...DIES_WITHIN_MS));
      await this.#die();
      await sending;
      const { incident, notifications } = of(agent.id, await this.#edge.alertRows());
      const isWritten = incident?.state === state;
      const isTold = isWritten && notifications.every((one) => one.state === "sent");
      this.#died[isTold ? "told" : isWritten ? "written" : "nothing written"]++;
      agent.measures(cpuBusyRatio);
    }
    await agent.sends(this.#edge.origin);
    await this.#decided(agent.id, state);
    await this.#tellAll();
  }

  async #die(): Promise<void> {
    this.#kills++;
    await this.#edge.kill();
    if (this.#chance.happens(DIES_STARTING)) {
      this.#kills++;
      const starting = this.#edge.start().catch(() => {});
      await setTimeout(this.#chance.between(...STARTING_MS));
      await this.#edge.kill();
      await starting;
    }
    await this.#edge.start();
  }

  /** Decided behind the answer. Where it never is, the end tells what is missing. */
  async #decided(subject: string, state: IncidentState): Promise<void> {
    const until = performance.now() + DECIDED_WITHIN_MS;
    while (performance.now() < until) {
      if (of(subject, await this.#edge.alertRows()).incident?.state === state) return;
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  /** Until nothing waits any more; by ticks of later times, so that nobody waits in earnest. */
  async #tellAll(): Promise<void> {
    for (let ticks = 0; ticks < TICKS_MAX; ticks++) {
      const { notifications } = await this.#edge.alertRows();
      if (!notifications.some(({ state }) => state === "waiting")) return;
      this.#at = Math.max(this.#at, Date.now()) + TICKS_APART_MS;
      await this.#edge.tick(this.#at);
    }
  }
}

function of(subject: string, { incidents, members, notifications }: AlertRows) {
  const incidentId = members.findLast((member) => member.subject === subject)?.incidentId;
  return {
    incident: incidents.find(({ id }) => id === incidentId),
    notifications: notifications.filter((one) => one.incidentId === incidentId),
  };
}
