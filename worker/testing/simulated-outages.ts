import { REGION_NAMES, type Region } from "../../contract/regions.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Chance } from "../../tests/chance.ts";
import type { Failure } from "../checks/probe.ts";
import type { JudgedCheck } from "../checks/verdict.ts";

/** What is true in a simulated world, and when: nothing here depends on who looks, or how. Times are true time. */

export interface Episode {
  from: EpochMs;
  to: EpochMs;
}

/** What a target suffers for a while. */
export interface Outage extends Episode {
  condition: "slow" | Failure;
  /** Comes and goes so fast; null: stays. */
  flapsMs: DurationMs | null;
  /** The whole machine, its agent as well. */
  isHost: boolean;
  /** Switched off at its provider. */
  isOff: boolean;
}

/** A region from which some targets cannot be reached, though all is well with its network. */
interface Trouble extends Episode {
  region: Region;
  share: number;
}

export interface SimulatedTarget extends JudgedCheck {
  id: string;
  intervalMs: DurationMs;
  regions: Region[];
  outages: Outage[];
  agent: { intervalMs: DurationMs; deaths: Episode[] } | null;
  hasProvider: boolean;
}

export interface World {
  from: EpochMs;
  to: EpochMs;
  regions: Region[];
  targets: SimulatedTarget[];
  away: Map<Region, Episode[]>;
  /** One region at a time: two that see the same are a quorum, whatever is true. */
  troubles: Trouble[];
  providerAway: Episode[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** `trouble` is how much goes wrong: 0 is a calm world. */
export function madeWorld(chance: Chance, hours: number, trouble: number): World {
  const from = 1_790_000_000_000 + chance.below(48 * HOUR);
  const to = from + hours * HOUR;
  const regions = chance.shuffled(REGION_NAMES).slice(0, 3 + chance.below(7));
  const episodes = (every: DurationMs, longest: DurationMs): Episode[] => {
    const made: Episode[] = [];
    if (trouble === 0) return made;
    const calm = () => (chance.next() * 2 * every) / trouble;
    for (let at = from + calm(); at < to; at += calm()) {
      const end = at + chance.between(20 * SECOND, longest);
      made.push({ from: at, to: end });
      at = end;
    }
    return made;
  };
  // Now and then everything of ours is away at once.
  const allAway = episodes(4 * HOUR, 20 * MINUTE);
  return {
    from,
    to,
    regions,
    targets: Array.from({ length: 2 + chance.below(5) }, (_, index) =>
      madeTarget(chance, `check:${index}`, regions, episodes),
    ),
    away: new Map(regions.map((region) => [region, [...allAway, ...episodes(3 * HOUR, 20 * MINUTE)]])),
    troubles: episodes(HOUR, 30 * MINUTE).map((one) => ({
      ...one,
      region: chance.pick(regions),
      share: chance.next(),
    })),
    providerAway: episodes(2 * HOUR, HOUR),
  };
}

function madeTarget(
  chance: Chance,
  id: string,
  regions: readonly Region[],
  episodes: (every: DurationMs, longest: DurationMs) => Episode[],
): SimulatedTarget {
  const hasAgent = chance.happens(0.6);
  return {
    id,
    target: { kind: "tcp", host: "shop.example", port: 443 },
    intervalMs: chance.pick([30 * SECOND, 2 * MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE]),
    slowMs: 1_000,
    badMs: 3_000,
    regions: chance.shuffled(regions).slice(0, 1 + chance.below(Math.min(5, regions.length))),
    outages: episodes(HOUR, 45 * MINUTE).map((one) => madeOutage(chance, one)),
    agent: hasAgent
      ? { intervalMs: chance.pick([30 * SECOND, MINUTE]), deaths: episodes(2 * HOUR, 30 * MINUTE) }
      : null,
    hasProvider: chance.happens(0.6),
  };
}

function madeOutage(chance: Chance, episode: Episode): Outage {
  const isHost = chance.happens(0.3);
  const condition = isHost ? "unreachable" : chance.pick(["refused", "timeout", "status", "slow"] as const);
  return {
    ...episode,
    condition,
    flapsMs: !isHost && chance.happens(0.25) ? chance.between(3 * SECOND, 5 * MINUTE) : null,
    isHost,
    isOff: isHost && chance.happens(0.5),
  };
}

export const during = <One extends Episode>(episodes: readonly One[], at: EpochMs): One | undefined =>
  episodes.find(({ from, to }) => at >= from && at < to);

export function conditionAt({ outages }: SimulatedTarget, at: EpochMs): "well" | Outage["condition"] {
  const outage = during(outages, at);
  if (!outage) return "well";
  const { flapsMs, from, condition } = outage;
  return flapsMs !== null && Math.floor((at - from) / flapsMs) % 2 === 1 ? "well" : condition;
}

/** Whether it would have answered, fast or slowly, at every moment. */
export function isWellFrom(target: SimulatedTarget, from: EpochMs, to: EpochMs): boolean {
  for (let at = from; at <= to; at = Math.min(at + 100, at < to ? to : at + 100)) {
    const condition = conditionAt(target, at);
    if (condition !== "well" && condition !== "slow") return false;
  }
  return true;
}

/** The outage in which it answered at no moment. */
export function outageThroughout({ outages }: SimulatedTarget, from: EpochMs, to: EpochMs): Outage | undefined {
  const outage = during(outages, from);
  return outage && outage.to > to && outage.flapsMs === null && outage.condition !== "slow" ? outage : undefined;
}
