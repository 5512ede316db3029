import { CHECK_DEFAULTS } from "../contract/checks.ts";
import { PLAN_LIMITS } from "../worker/live/thrift.ts";
import { PROBES_AT_ONCE, PROBES_PER_CALL, TICK_EVERY_MS } from "../worker/settings.ts";
import { REGIONS } from "./checks.ts";
import { dayOf, OBJECT_GB, OBJECT_GB_SECONDS_MAX, PARTS, type DayModel, type DayParts } from "./plan-cost.ts";

/** What an answer of the internet is taken to last; on loopback it lasts nothing. */
export const ANSWER_SECONDS = 0.15;
export const TIMEOUT_SECONDS = CHECK_DEFAULTS.timeoutMs / 1_000;
const TICKS_PER_DAY = 86_400_000 / TICK_EVERY_MS;
/** The sentinel waits for its probers, and is paid for as long as they are. */
const WAITING_OBJECTS = REGIONS.length + 1;

/** What a check every two minutes from three regions adds to a day, the waiting for answers included. */
export interface CheckModel {
  perCheck: DayParts;
  bytesPerCheck: number;
}

/** Of a day with so many checks and the same day without; what they have in common counts as theirs. */
export function checkModel(without: DayParts, withChecks: DayParts, checks: number, bytesPerCheck: number): CheckModel {
  const parts = PARTS.map((part) => [part, (withChecks[part] - without[part]) / checks]);
  const perCheck = Object.fromEntries(parts) as unknown as DayParts;
  perCheck.objectGbSeconds += WAITING_OBJECTS * waitingGbSeconds(1, ANSWER_SECONDS);
  return { perCheck, bytesPerCheck };
}

/** GB-seconds a day of one object that waits for all these checks, six at once. */
export function waitingGbSeconds(checks: number, answerSeconds: number): number {
  return busySeconds(checks, answerSeconds) * TICKS_PER_DAY * OBJECT_GB;
}

/** Of one region in one tick. */
export function busySeconds(checks: number, answerSeconds: number): number {
  return (checks / PROBES_AT_ONCE) * answerSeconds;
}

/** The same where none answers: call by call, each until its last one is given up. */
export function busySecondsOfNone(checks: number): number {
  const perCall = PROBES_PER_CALL.free;
  const rounds = Array.from({ length: Math.ceil(checks / perCall) }, (_, call) =>
    Math.ceil(Math.min(perCall, checks - call * perCall) / PROBES_AT_ONCE),
  );
  return rounds.reduce((sum, one) => sum + one, 0) * TIMEOUT_SECONDS;
}

/** For so many hours of a day Free lets all of so many checks go without an answer, beside a fleet. */
export function hoursOfNone(fleet: DayModel, instances: number, checks: number): number {
  const left = PLAN_LIMITS.free.objectGbSeconds - dayOf(fleet, instances).objectGbSeconds;
  return left / ((busySecondsOfNone(checks) * TICKS_PER_DAY * OBJECT_GB * WAITING_OBJECTS) / 24);
}

/** How many checks Free holds beside a fleet, by each quota. `ifShardNeverRests`: by GB-seconds, where the shard takes all that one object can. */
export function checksOnFree(
  { perCheck }: CheckModel,
  fleet: DayModel,
  instances: number,
): { checks: number; binding: string; all: Record<string, number>; ifShardNeverRests: number } {
  const limits = PLAN_LIMITS.free;
  const day = dayOf(fleet, instances);
  const holds = (part: keyof DayParts, used: number) =>
    perCheck[part] <= 0 ? Infinity : Math.max(0, Math.floor((limits[part] - used) / perCheck[part]));
  const all = Object.fromEntries(PARTS.map((part) => [part, holds(part, day[part])]));
  const [binding, checks] = Object.entries(all).reduce((least, one) => (one[1] < least[1] ? one : least));
  return {
    checks,
    binding,
    all,
    ifShardNeverRests: holds("objectGbSeconds", OBJECT_GB_SECONDS_MAX + fleet.fixed.objectGbSeconds),
  };
}
