import { REGIONS } from "../../../../contract/regions.ts";
import type { Verdict, Witness } from "../../../../contract/verdict.ts";

/** What is shown of a check or an instance: its verdict, or why there is none. */
export type Standing = Verdict | "waiting" | "paused";

/** In the order of what wants to be looked at first. */
export const STANDING_WORDS: Record<Standing, string> = {
  down: "Down",
  unsure: "Unsure",
  degraded: "Degraded",
  up: "Up",
  waiting: "Waiting",
  paused: "Paused",
};
export const STANDINGS = Object.keys(STANDING_WORDS) as Standing[];

/** What each of them means, for whoever asks. */
export const STANDING_HINTS: Record<Standing, string> = {
  down: "Enough regions, or two independent witnesses, say so.",
  unsure: "Nobody can tell: witnesses disagree, or the looking itself failed.",
  degraded: "It answers, but slowly or with something amiss.",
  up: "It answers as it should.",
  waiting: "Nothing has looked yet.",
  paused: "Nobody looks until it is resumed.",
};

export function standingOf(verdict: Verdict | null, isPaused = false): Standing {
  return isPaused ? "paused" : (verdict ?? "waiting");
}

/** Who was heard, by the name people know: a region's in full. */
export function witnessName({ kind, name }: Pick<Witness, "kind" | "name">): string {
  switch (kind) {
    case "region":
      return (REGIONS as Record<string, string>)[name] ?? name;
    case "provider":
      return `Provider: ${name}`;
    case "agent":
      return `Agent: ${name}`;
    case "check":
      return `Check: ${name}`;
    case "heartbeat":
      return `Heartbeat: ${name}`;
  }
}

export const SAYS_WORDS: Record<Witness["says"], string> = {
  up: "up",
  slow: "slow",
  down: "down",
  nothing: "could not tell",
};

/** What a witness says as the verdict it speaks for, to be drawn alike. */
export const SAYS_STANDING: Record<Witness["says"], Standing> = {
  up: "up",
  slow: "degraded",
  down: "down",
  nothing: "unsure",
};
