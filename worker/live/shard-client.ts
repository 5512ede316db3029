import { NephosError } from "../errors.ts";
import { ONLY_SHARD } from "./shard-of.ts";

let id: DurableObjectId | undefined;

export function shard(env: Env) {
  // The same name is always the same id, and deriving it costs a hash.
  id ??= env.FLEET.idFromName(ONLY_SHARD);
  return env.FLEET.get(id);
}

/** Runs one call to the shard; an object that is overloaded or moving says so as a refusal the agent understands. */
export async function calling<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (isPassing(error)) {
      throw new NephosError("too_busy", "The edge is busy or restarting.", {
        remedy: "Keep the samples and send again.",
      });
    }
    throw error;
  }
}

const TELL_ATTEMPTS = 4;
const TELL_AGAIN_AFTER_MS = 250;

/** As {@link calling}, for what the shard must hear: a revocation is worth waiting a second for. */
export async function telling(tell: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await tell();
      return;
    } catch (error) {
      if (attempt === TELL_ATTEMPTS || !isPassing(error)) return calling(() => Promise.reject(error as Error));
      await scheduler.wait(attempt * TELL_AGAIN_AFTER_MS);
    }
  }
}

function isPassing(error: unknown): boolean {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true || overloaded === true;
}
