import type { EpochMs } from "../../contract/units.ts";
import { NephosError } from "../errors.ts";
import { LIMITS, LIMIT_WINDOW_MS } from "../settings.ts";
import { Limiter } from "./limiter.ts";

export type LimitName = keyof typeof LIMITS;

const limiters = Object.fromEntries(
  Object.entries(LIMITS).map(([name, { max }]) => [name, new Limiter(max, LIMIT_WINDOW_MS)]),
) as Record<LimitName, Limiter>;

/**
 * Counts one of `key` against the limit, and refuses it where it is one too many. Counted twice where it can be: in this
 * isolate, at no cost, and by the platform for all isolates of its place. Where the platform's counter is not bound
 * (plain workerd), the isolate's own is exact, since there is only one.
 */
export async function within(env: Env, name: LimitName, key: string, now: EpochMs): Promise<void> {
  const waitMs = limiters[name].take(key, now);
  if (waitMs > 0) throw tooMany(waitMs);
  const binding = (env as unknown as Record<string, RateLimit | undefined>)[LIMITS[name].binding];
  if (binding && !(await binding.limit({ key })).success) throw tooMany(LIMIT_WINDOW_MS);
}

/** Refuses whose limit is used up already, and counts nothing: for what is counted only once it has gone wrong. */
export function notBeyond(name: LimitName, key: string, now: EpochMs): void {
  const waitMs = limiters[name].waitOf(key, now);
  if (waitMs > 0) throw tooMany(waitMs);
}

export function tooMany(waitMs: number): NephosError {
  return new NephosError("too_many", "Too many requests.", {
    remedy: "Wait, then try again.",
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
  });
}
