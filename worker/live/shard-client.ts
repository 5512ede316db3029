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

function isPassing(error: unknown): boolean {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true || overloaded === true;
}
