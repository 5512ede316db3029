import type { TickStep } from "../contract/health.ts";
import { databaseUsed } from "./seed.ts";
import { cpuMsOf } from "./usage.ts";
import type { Workerd } from "./workerd.ts";

/** What one tick took. */
export interface TickTaken {
  tookMs: number;
  cpuMs: number;
  rowsWritten: number;
  rowsRead: number;
  /** Values the sentinel put into its own storage: rows of another quota. */
  puts: number;
  steps: TickStep[];
}

/** Has the sentinel of `sentinel.worker.mjs` tick as if it were this moment. A step that failed ends the bench. */
export async function tickAt({ url, pid }: Workerd, at: number): Promise<TickTaken> {
  const [before, cpuBefore, began] = [await databaseUsed(url.d1), cpuMsOf(pid), performance.now()];
  const response = await fetch(`${url.app}/bench/tick?at=${at}`);
  const tookMs = performance.now() - began;
  if (!response.ok) throw new Error(`The tick failed: ${await response.text()}`);
  const { steps, values } = (await response.json()) as { steps: TickStep[]; values: number };
  const [after, cpuAfter] = [await databaseUsed(url.d1), cpuMsOf(pid)];
  const failed = steps.find(({ isOk }) => !isOk);
  if (failed) throw new Error(`The step ${failed.name} failed: ${failed.problem}`);
  return {
    tookMs,
    cpuMs: cpuAfter - cpuBefore,
    rowsWritten: after.rowsWritten - before.rowsWritten,
    rowsRead: after.rowsRead - before.rowsRead,
    puts: values,
    steps,
  };
}
