import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Judgement, Verdict } from "../../contract/verdict.ts";
import { Chance } from "../../tests/chance.ts";
import { isDue } from "../checks/due.ts";
import { judgeInstance, type ProviderWord } from "../checks/instance-verdict.ts";
import { judgementAfter, sameJudgement } from "../checks/judgement.ts";
import type { Answer } from "../checks/round.ts";
import { accrue, mergeDays, type JudgedAt, type UptimeState } from "../checks/uptime.ts";
import { judgeRound, type RoundFinding } from "../checks/verdict.ts";
import { TICK_EVERY_MS } from "../settings.ts";
import {
  during,
  isWellFrom,
  madeWorld,
  outageThroughout,
  type Outage,
  type SimulatedTarget,
  type World,
} from "./simulated-outages.ts";
import { SimulatedRegions } from "./simulated-regions.ts";
import { uptimeOfRounds } from "./uptime-of-rounds.ts";

/** Ways in which the deciders may tell an untruth. */
export const UNTRUTHS = {
  falseDown: "a check that is well is said to be down",
  falseInstanceDown: "an instance is said to be down whose machine and service are well",
  missedOutages: "an outage that can be seen is not found by its second round",
  missedInstanceOutages: "the instance of an outage that was found is not down, nor degraded where its machine is up",
  wrongUptime: "uptime is not what the rounds showed",
} as const;
export type Untruth = keyof typeof UNTRUTHS;

/** What came of a world. */
export type Tally = Record<Untruth, number> & {
  rounds: number;
  /** Rounds in which a target was away and regions enough could see it. */
  outageRounds: number;
  /** Verdicts that would be written. */
  written: number;
  verdicts: Record<Verdict, number>;
  /** In words, for whoever looks into a seed. */
  untruths: string[];
};

/** What the sentinel knows of a target, and what we know of that. */
interface Watched {
  target: SimulatedTarget;
  lastRoundAt: EpochMs | null;
  judgement: Judgement | null;
  found: RoundFinding | null;
  /** True time of the last round. */
  lookedAt: EpochMs;
  /** Rounds of the present outage that could see it, and whether the last one could. */
  seen: number;
  sees: boolean;
  uptime: UptimeState | null;
  judged: JudgedAt[];
  lastSampleAt: EpochMs | null;
  /** When the agent was last heard, in true time; what it said before the clock was stepped is worth nothing. */
  heardAt: EpochMs;
  provider: (ProviderWord & { trueAt: EpochMs }) | null;
}

const HOUR: DurationMs = 3_600_000;
const PROVIDER_FRESH_MS: DurationMs = 10 * 60_000;
/** An agent that has been silent for so long is so by any measure. */
const SILENT_SURELY_MS: DurationMs = 6 * 60_000;

/** Lets the deciders live through some hours of a world in which our own side fails as well; the same seed is the same world. */
export function liveThrough(seed: number, { hours = 6, trouble = 1 } = {}): Tally {
  return new SimulatedSentinel(new Chance(seed), hours, trouble).live();
}

class SimulatedSentinel {
  readonly #chance: Chance;
  readonly #world: World;
  readonly #trouble: number;
  readonly #regions: SimulatedRegions;
  readonly #watched: Watched[];
  /** How far the clock that everybody reads is from true time. */
  #skewMs = 0;
  readonly #tally: Tally = {
    falseDown: 0,
    falseInstanceDown: 0,
    missedOutages: 0,
    missedInstanceOutages: 0,
    wrongUptime: 0,
    rounds: 0,
    outageRounds: 0,
    written: 0,
    verdicts: { up: 0, degraded: 0, down: 0, unsure: 0 },
    untruths: [],
  };

  constructor(chance: Chance, hours: number, trouble: number) {
    this.#chance = chance;
    this.#trouble = trouble;
    this.#world = madeWorld(chance, hours, trouble);
    this.#regions = new SimulatedRegions(chance, this.#world, trouble);
    this.#watched = this.#world.targets.map((target) => ({
      target,
      lastRoundAt: null,
      judgement: null,
      found: null,
      lookedAt: 0,
      seen: 0,
      sees: false,
      uptime: null,
      judged: [],
      lastSampleAt: target.agent && this.#world.from,
      heardAt: this.#world.from,
      provider: null,
    }));
  }

  live(): Tally {
    const { from, to } = this.#world;
    let before = from;
    for (let scheduled = from + TICK_EVERY_MS; scheduled < to; scheduled += TICK_EVERY_MS) {
      const at = Math.round(scheduled + this.#chance.between(0, 25_000));
      for (const one of this.#watched) this.#hearAgent(one, before, at);
      before = at;
      if (this.#mayHappen(0.005)) this.#stepClock();
      const isLost = this.#mayHappen(0.03);
      if (!isLost) this.#tick(at);
    }
    for (const one of this.#watched) this.#checkUptime(one);
    return this.#tally;
  }

  #mayHappen(share: number): boolean {
    return this.#chance.happens(share * this.#trouble);
  }

  #stepClock(): void {
    this.#skewMs += Math.round(this.#chance.between(-HOUR, HOUR));
    for (const one of this.#watched) one.heardAt = Infinity;
  }

  #hearAgent(one: Watched, from: EpochMs, to: EpochMs): void {
    const { agent, outages } = one.target;
    if (!agent) return;
    for (let at = Math.ceil(from / agent.intervalMs) * agent.intervalMs; at < to; at += agent.intervalMs) {
      if (during(agent.deaths, at) || during(outages, at)?.isHost) continue;
      one.lastSampleAt = at + this.#skewMs;
      one.heardAt = at;
    }
  }

  #tick(at: EpochMs): void {
    const now = at + this.#skewMs;
    const due = this.#watched.filter(({ target, lastRoundAt }) =>
      isDue({ intervalMs: target.intervalMs, lastRoundAt }, now),
    );
    const [rounds, until] = this.#regions.look(
      due.map(({ target }) => target),
      at,
      this.#skewMs,
    );
    // Cut off in the middle: what was not judged is due again.
    const isCut = this.#mayHappen(0.03);
    for (const one of isCut ? due.slice(0, this.#chance.below(due.length + 1)) : due)
      this.#judge(one, rounds.get(one.target.id)!, at, until);
    if (!isCut) for (const one of this.#watched) this.#judgeInstance(one, at, until);
  }

  #judge(one: Watched, answers: readonly Answer[], from: EpochMs, until: EpochMs): void {
    const { target } = one;
    const now = from + this.#skewMs;
    const found = judgeRound(target, answers, now, one.judgement);
    const { verdict, reason } = found;
    if (!sameJudgement(one.judgement, found)) this.#tally.written++;
    one.judgement = judgementAfter(one.judgement, found, now);
    one.uptime = accrue(one.uptime, { at: now, verdict }, target.intervalMs);
    one.judged.push({ at: now, verdict });
    this.#tally.rounds++;
    this.#tally.verdicts[verdict]++;

    const isAway = outageThroughout(target, from, until) !== undefined;
    const sees = isAway && this.#regions.canSee(target, from);
    const seen = isAway ? one.seen + (sees ? 1 : 0) : 0;
    if (sees) this.#tally.outageRounds++;
    Object.assign(one, { found, lastRoundAt: now, lookedAt: from, sees, seen });
    if (verdict === "down" && isWellFrom(target, from, until))
      this.#untruth("falseDown", `${target.id}: ${reason}`, from);
    if (sees && seen >= 2 && verdict !== "down")
      this.#untruth("missedOutages", `${target.id} is ${verdict}: ${reason}`, from);
  }

  #judgeInstance(one: Watched, at: EpochMs, until: EpochMs): void {
    const { target, found, lastSampleAt, lookedAt } = one;
    const now = at + this.#skewMs;
    this.#hearProvider(one, at, now);
    const { provider } = one;
    const heard = {
      provider: provider && { ...provider, isFresh: now - provider.asOf < PROVIDER_FRESH_MS },
      agent: target.agent && { lastSampleAt: lastSampleAt!, intervalMs: target.agent.intervalMs },
      checks: found ? [{ ...found, kind: target.target.kind, name: target.id, at: one.lastRoundAt! }] : [],
    };
    const judged = judgeInstance(heard, now);
    if (!judged) return;
    const { verdict, reason } = judged;
    const evidenceFrom = Math.min(lookedAt, provider?.trueAt ?? at);
    if (verdict === "down" && isWellFrom(target, evidenceFrom, until))
      this.#untruth("falseInstanceDown", `${target.id}: ${reason}`, at);
    const outage = outageThroughout(target, at, until);
    if (outage && lookedAt === at && one.sees && one.seen >= 2 && !this.#isFound(verdict, outage, one, at))
      this.#untruth("missedInstanceOutages", `${target.id} is ${verdict}: ${reason}`, at);
  }

  /**
   * A dead machine is down once its agent has been silent for long; before, and where only its service is, it is not well. Nobody can
   * tell where its provider says it is off and somebody still hears it.
   */
  #isFound(verdict: Verdict, { isHost }: Outage, { target, heardAt, provider }: Watched, at: EpochMs): boolean {
    if (isHost && (!target.agent || at - heardAt > SILENT_SURELY_MS)) return verdict === "down";
    return verdict === "down" || verdict === "degraded" || (verdict === "unsure" && provider?.status === "stopped");
  }

  #hearProvider(one: Watched, at: EpochMs, now: EpochMs): void {
    if (!one.target.hasProvider || during(this.#world.providerAway, at)) return;
    const status = during(one.target.outages, at)?.isOff ? "stopped" : "running";
    one.provider = { name: "Vultr", status, statusText: status, impaired: null, asOf: now, trueAt: at, isFresh: true };
  }

  #checkUptime({ target, uptime, judged }: Watched): void {
    if (!uptime) return;
    const days = mergeDays(uptime.finished, [uptime.today]).filter(([, ...seconds]) => seconds.some((one) => one > 0));
    const [was, is] = [days, uptimeOfRounds(judged, target.intervalMs)].map((one) => JSON.stringify(one));
    if (was !== is) this.#untruth("wrongUptime", `${target.id}: ${was}, not ${is}`, this.#world.to);
  }

  #untruth(kind: Untruth, words: string, at: EpochMs): void {
    this.#tally[kind]++;
    this.#tally.untruths.push(`${kind} after ${Math.round((at - this.#world.from) / 1_000)} s, ${words}`);
  }
}
