import type { TickStep } from "../../contract/health.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { log, messageOf } from "../log.ts";

/** A part of the tick. */
export interface Step {
  name: string;
  budgetMs: DurationMs;
  /** Ends by `until`, and says what it left for the next time. */
  run(until: EpochMs): Promise<StepOutcome | void>;
}

export interface StepOutcome {
  /** What it came to, in a few words. */
  says?: string;
  /** There is more to do, and it goes on from where it stopped. */
  isUnfinished?: boolean;
}

/** What is beyond a step's time is its own last request; what takes much longer hangs. */
const GRACE_MS: DurationMs = 15_000;

/** What a step needs of its surroundings. */
export interface Surroundings {
  clock(): EpochMs;
  /** Is given up when the signal says so: a wait that nobody needs any more would keep the object awake. */
  wait(ms: DurationMs, signal: AbortSignal): Promise<unknown>;
}

/**
 * Runs steps one after the other, each within its time. One that fails or hangs does not keep the others from their turn; how each went
 * is kept, with what it was before where it says nothing new.
 */
export async function runSteps(
  steps: readonly Step[],
  before: ReadonlyMap<string, TickStep>,
  { clock, wait }: Surroundings,
): Promise<TickStep[]> {
  const went: TickStep[] = [];
  for (const { name, budgetMs, run } of steps) {
    const lastAt = clock();
    const kept = before.get(name);
    const done = new AbortController();
    try {
      const outcome = await Promise.race([run(lastAt + budgetMs), hanging(wait, budgetMs, done.signal)]);
      const { says = null, isUnfinished = false } = outcome ?? {};
      const end = clock();
      went.push({
        name,
        lastAt,
        durationMs: end - lastAt,
        isOk: true,
        isUnfinished,
        problem: null,
        lastOkAt: end,
        says,
      });
    } catch (error) {
      const problem = messageOf(error).slice(0, 300);
      log({ event: "tick_step_failed", step: name, message: problem });
      const durationMs = clock() - lastAt;
      const { lastOkAt = null, says = null } = kept ?? {};
      went.push({ name, lastAt, durationMs, isOk: false, isUnfinished: false, problem, lastOkAt, says });
    } finally {
      done.abort();
    }
  }
  return went;
}

async function hanging(wait: Surroundings["wait"], budgetMs: DurationMs, signal: AbortSignal): Promise<never> {
  await wait(budgetMs + GRACE_MS, signal);
  throw new Error(
    `It was not done after ${Math.round((budgetMs + GRACE_MS) / 1_000)} s, and the tick went on without it.`,
  );
}
