import { CHECK_DEFAULTS } from "../contract/checks.ts";
import { Chance } from "../tests/chance.ts";
import { REGIONS } from "./checks.ts";
import type { Recording } from "./recording.ts";

const ROUNDS = 1_440;
/** From a place near the target, and from two that are not. */
const ANSWERS_AFTER_SECONDS = [0.04, 0.13, 0.26];
const SEED = 1;

/**
 * Two days of a check that is well, made up: answers take their time and some more, and now and then much more. In the shape of what
 * agents recorded, so that its blocks are made in the same way.
 */
export function recordedRounds(): Recording {
  const chance = new Chance(SEED);
  const { intervalMs } = CHECK_DEFAULTS;
  const at = Array.from({ length: ROUNDS }, (_, round) => round * intervalMs);
  const answers = ANSWERS_AFTER_SECONDS.map((usual) =>
    at.map(() => milliseconds(usual * (1 + 0.3 * chance.next() ** 2 + (chance.happens(0.02) ? 3 * chance.next() : 0)))),
  );
  const all = (value: number) => at.map(() => value);
  const median = at.map((_, round) => answers.map((of) => of[round]!).sort((a, b) => a - b)[1]!);
  const series: Record<string, number[]> = { check_up: all(1), check_degraded: all(0), check_response_seconds: median };
  for (const [index, region] of REGIONS.entries()) {
    series[`probe_up:${region}`] = all(1);
    series[`probe_response_seconds:${region}`] = answers[index]!;
  }
  return { recordedOn: "", machine: "", intervalMs, agents: [{ at, series }] };
}

const milliseconds = (seconds: number) => Math.round(seconds * 1_000) / 1_000;
