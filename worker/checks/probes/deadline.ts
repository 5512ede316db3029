import type { DurationMs } from "../../../contract/units.ts";

/** The time of an attempt is over. */
export class TimeUp extends Error {}

/**
 * Runs an attempt and ends it when its time is over: what it awaits is told by the signal, and where it does not listen, it is left
 * behind. The timer ends with the attempt, because an object with one is neither asleep nor free of charge.
 */
export async function within<Value>(
  timeoutMs: DurationMs,
  attempt: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TimeUp()), timeoutMs);
  try {
    return await until(controller.signal, attempt(controller.signal));
  } finally {
    clearTimeout(timer);
  }
}

/** For what cannot be handed a signal. */
export async function until<Value>(signal: AbortSignal, awaited: Promise<Value>): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([awaited, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
