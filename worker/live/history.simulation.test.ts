import type { Held } from "../series/query.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { onlyShard } from "../testing/agent-socket.ts";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { blockRows, db, seriesIn } from "../testing/history.ts";
import { Owner } from "../testing/people.ts";
import { SimulatedAgent } from "../testing/simulated-agent.ts";
import { rollDue } from "../testing/rolled.ts";
import { Edge, ForgetfulSender } from "../testing/simulated-edge.ts";
import { changeRetention } from "../series/ring-store.ts";

const HOUR = 3_600_000;
const STEPS = 200;
/** What changes an agent only. */
const QUIET = ["measure", "gather", "give up", "clock"];

let owner: Owner;
beforeAll(async () => void (owner = await Owner.signedIn()));

async function holds(edge: Edge, agents: readonly SimulatedAgent[]): Promise<void> {
  for (const agent of agents) {
    const stored = await edge.stored(agent.id);
    const byName = new Map(stored.map((sample) => [`${sample.stream} ${sample.seq}`, sample]));
    expect(byName.size, `${agent.id}: a sample is there twice`).toBe(stored.length);
    for (const { id, made, durableSeq, givenUp } of agent.streams) {
      for (const sample of made.values()) {
        const there = byName.get(`${id} ${sample.seq}`);
        if (sample.seq <= durableSeq && !givenUp.has(sample.seq))
          expect(there, `${id} ${sample.seq} was told durable`).toBeDefined();
        if (there) expect(there).toEqual({ stream: id, ...sample });
      }
    }
  }
  const { waiting } = (await onlyShard().held(
    agents.map(({ id }) => id),
    [],
  )) as Held;
  for (const { id, streams } of agents) {
    const { stream, seq } = waiting.get(id) ?? { stream: [], seq: [] };
    const names = new Set(seq.map((one, row) => `${stream[row]} ${one}`));
    expect(names.size, `${id}: a sample waits twice`).toBe(seq.length);
    expect(seq.length).toBeLessThanOrEqual(streams.reduce((sum, { made }) => sum + made.size, 0));
  }
}

describe.each(seeds(5))("whatever happens, seed %i", (seed) => {
  it(
    "what an agent was told is durable is in the database once, and in the end every sample is",
    { timeout: 30_000 },
    async () => {
      const chance = new Chance(seed);
      const edge = new Edge();
      const start = Date.now() - 12 * HOUR;
      const name = (index: number) => `sim-${seed}-${index}`;
      const secrets = await Promise.all([0, 1, 2, 3].map(async (index) => (await owner.newToken(name(index))).secret));
      // One of them has a clock that is days off.
      const agents = [0, 1, 2].map(
        (index) =>
          new SimulatedAgent(name(index), secrets[index]!, chance, start - (index === 2 ? 90 * HOUR : 0), index === 1),
      );
      const forgetful = new ForgetfulSender(name(3), secrets[3]!, start);
      const ignoringFailure = (run: Promise<unknown>) =>
        run.catch((error: unknown) => {
          if (!edge.isFailing) throw error;
        });
      const times = (most: number, happens: () => void) => {
        for (let left = 1 + chance.below(most); left > 0; left--) happens();
      };
      const later = () => Date.now() + chance.below(8 * HOUR);
      const events: [weight: number, what: string, happens: (agent: SimulatedAgent) => unknown][] = [
        [14, "measure", (agent) => times(3, () => agent.measure())],
        [40, "work", (agent) => (agent.measure(), agent.gather(), times(3, () => agent.deliver()))],
        [14, "gather", (agent) => agent.gather()],
        [20, "deliver", (agent) => times(6, () => agent.deliver())],
        [6, "post", (agent) => agent.deliverByPost()],
        [6, "repeat", (agent) => agent.repeat()],
        [24, "connect", (agent) => agent.socket ?? ignoringFailure(agent.connect())],
        [2, "disconnect", (agent) => agent.disconnect()],
        [4, "reconnect", (agent) => ignoringFailure(agent.connect())],
        [14, "greet", (agent) => agent.greet()],
        [1, "give up", (agent) => agent.giveUp()],
        [1, "clock", (agent) => agent.stepClock((chance.next() - 0.5) * HOUR)],
        [1, "restart", (agent) => agent.restart(chance.happens(0.6))],
        [4, "flush", () => ignoringFailure(onlyShard().flush())],
        [8, "tick", () => onlyShard().tick(chance.happens(0.6) ? chance.pick(agents).clock : later())],
        [8, "hibernate", () => edge.evict("hibernate")],
        [1, "lose", () => edge.evict("close")],
        [1, "fail", () => edge.fail(chance.pick(["block", "stream"]))],
        [6, "heal", () => edge.heal()],
        [
          1,
          "retention",
          () =>
            edge.isFailing ||
            changeRetention(
              db,
              { rawDays: 1 + chance.below(4), fiveMinutesDays: 30 + chance.below(2), hourDays: 730 },
              Date.now(),
            ),
        ],
        [6, "forgetful", () => forgetful.send(chance.below(1_000))],
      ];
      const weights = events.reduce((sum, [weight]) => sum + weight, 0);
      const history: string[] = [];
      try {
        for (let step = 0; step < STEPS; step++) {
          let dice = chance.next() * weights;
          const [, what, happens] = events.find(([weight]) => (dice -= weight) < 0)!;
          const agent = chance.pick(agents);
          history.push(`${what} ${agents.indexOf(agent)}`);
          await happens(agent);
          for (const one of agents) one.listen();
          if (!QUIET.includes(what)) await holds(edge, agents);
        }
        await edge.heal();
        await expect
          .poll(
            async () => {
              for (const agent of agents) {
                agent.listen();
                if (agent.keeps === 0) continue;
                await agent.connect();
                agent.gather();
                for (let sent = 0; sent < 200; sent++) agent.deliver();
              }
              await onlyShard().flush();
              await holds(edge, agents);
              return agents.map(({ keeps }) => keeps);
            },
            { interval: 50, timeout: 10_000 },
          )
          .toEqual([0, 0, 0]);
        await inTheEnd(edge, agents, forgetful);
      } catch (error) {
        console.log(`seed ${seed}: ${history.join(", ")}`);
        throw error;
      } finally {
        await edge.heal();
        for (const agent of agents) agent.disconnect();
      }
    },
  );
});

async function inTheEnd(edge: Edge, agents: readonly SimulatedAgent[], forgetful: ForgetfulSender): Promise<void> {
  await onlyShard().flush();
  for (const agent of agents) {
    const stored = await edge.stored(agent.id);
    for (const { id, made, givenUp } of agent.streams) {
      const seqs = new Set(stored.filter(({ stream }) => stream === id).map(({ seq }) => seq));
      const missing = [...made.keys()].filter((seq) => !seqs.has(seq) && !givenUp.has(seq));
      expect(missing, `${id} in the end`).toEqual([]);
    }
  }
  const kept = new Map((await edge.stored(forgetful.id)).map(({ at, metrics }) => [at, metrics["load_1m"]]));
  for (const [at, value] of forgetful.answered)
    expect(kept.get(at), "what a forgetful sender was answered 200 for").toBe(value);
  // And the coarse tiers, once rolled, are made of every sample that raw history reaches back to.
  await changeRetention(db, { rawDays: 4, fiveMinutesDays: 30, hourDays: 730 }, Date.now());
  const settled = Date.now() + 20 * HOUR;
  for (let ticks = 0; ticks < 12; ticks++) await onlyShard().tick(settled);
  // One that remembers nothing finds nothing that was forgotten.
  expect(await rollDue(db, settled - HOUR), "hours that were not rolled").toBe(0);
  for (const { id } of agents) {
    const raw = (await blockRows(id, "raw")).reduce((sum, { count }) => sum + count, 0);
    const { count } = await seriesIn("hour", id, "load_1m", Date.now() - 30 * HOUR, settled);
    expect(count.reduce<number>((sum, one) => sum + (one ?? 0), 0)).toBe(raw);
  }
}
