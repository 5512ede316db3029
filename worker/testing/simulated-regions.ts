import type { Region } from "../../contract/regions.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Chance } from "../../tests/chance.ts";
import { regionsToConfirm } from "../checks/confirm.ts";
import type { ProbeResult } from "../checks/probe.ts";
import { collect, heardOf, type Answer, type Call } from "../checks/round.ts";
import { probed } from "./answers.ts";
import { conditionAt, during, type SimulatedTarget, type World } from "./simulated-outages.ts";

/** How long one call of a prober takes. */
const CALL_MS: DurationMs = 5_000;
/** The chosen regions, and four more one by one at most. */
const PASSES_MAX = 5;

/** Regions that look into a simulated world, and what fails on our side of it: networks, calls, attempts. */
export class SimulatedRegions {
  readonly #chance: Chance;
  readonly #world: World;
  readonly #trouble: number;
  /** Calls and attempts of this tick that break on our side. */
  #broken = new Set<string>();

  constructor(chance: Chance, world: World, trouble: number) {
    this.#chance = chance;
    this.#world = world;
    this.#trouble = trouble;
  }

  /** One round of each target: asks its regions, and whoever is needed to confirm. Answers when it was done, in true time. */
  look(
    targets: readonly SimulatedTarget[],
    from: EpochMs,
    skewMs: DurationMs,
  ): [Map<string, Answer[]>, until: EpochMs] {
    this.#breakSome(targets);
    const rounds = new Map<string, Answer[]>();
    let at = from;
    let wanted = (target: SimulatedTarget): readonly Region[] => target.regions;
    for (;;) {
      const calls = this.#world.regions.flatMap((region) => {
        const asked = targets.filter((target) => wanted(target).includes(region));
        return asked.length === 0 ? [] : [this.#call(region, asked, at, skewMs)];
      });
      if (calls.length === 0) return [rounds, at];
      for (const call of calls) collect(rounds, call);
      at += CALL_MS;
      wanted = ({ id, regions }) => {
        const heard = new Map(rounds.get(id)!.map((answer) => [answer.region, heardOf(answer)]));
        return regionsToConfirm(regions, heard, this.#world.regions);
      };
    }
  }

  /** Two regions can look, and so few cannot that two will be asked. */
  canSee({ id }: SimulatedTarget, from: EpochMs): boolean {
    const blind = this.#world.regions.filter((region) => {
      const isBroken = this.#broken.has(region) || this.#broken.has(`${region} ${id}`);
      const passes = Array.from({ length: PASSES_MAX }, (_, pass) => from + pass * CALL_MS);
      return isBroken || passes.some((at) => this.#isAway(region, at));
    });
    return blind.length <= 2 && this.#world.regions.length - blind.length >= 2;
  }

  #breakSome(targets: readonly SimulatedTarget[]): void {
    this.#broken = new Set();
    for (const region of this.#world.regions) {
      if (this.#chance.happens(0.02 * this.#trouble)) this.#broken.add(region);
      for (const { id } of targets) if (this.#chance.happens(0.01 * this.#trouble)) this.#broken.add(`${region} ${id}`);
    }
  }

  #call(region: Region, targets: readonly SimulatedTarget[], from: EpochMs, skewMs: DurationMs): Call {
    const at = from + skewMs;
    const checkIds = targets.map(({ id }) => id);
    if (this.#broken.has(region)) return { region, at, checkIds, report: null };
    const isBlind = this.#isAway(region, from);
    const results = targets.map((target) =>
      this.#probe(region, target, from + this.#chance.below(CALL_MS), skewMs, isBlind),
    );
    return { region, at, checkIds, report: { region, at, results, isBlind, busyMs: CALL_MS } };
  }

  #isAway(region: Region, at: EpochMs): boolean {
    return during(this.#world.away.get(region)!, at) !== undefined;
  }

  #probe(region: Region, target: SimulatedTarget, trueAt: EpochMs, skewMs: DurationMs, isBlind: boolean): ProbeResult {
    const { id } = target;
    const at = trueAt + skewMs;
    if (this.#broken.has(`${region} ${id}`)) return probed.unable(id, at);
    const trouble = during(this.#world.troubles, trueAt);
    const isTroubled = trouble?.region === region && this.#chance.happens(trouble.share);
    if (isBlind || isTroubled) return probed.failed(id, at, this.#chance.pick(["unreachable", "timeout"]));
    const condition = conditionAt(target, trueAt);
    if (condition === "well") return probed.good(id, at, this.#chance.between(5, 300));
    if (condition === "slow") return probed.good(id, at, this.#chance.between(900, 4_900));
    return probed.failed(id, at, condition);
  }
}
