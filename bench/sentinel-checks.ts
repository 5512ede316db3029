import { PROBES_AT_ONCE, TICK_EVERY_MS } from "../worker/settings.ts";
import type { LastRound } from "../worker/sentinel/last-round.ts";
import { REGIONS, seedChecks, seedSettings } from "./checks.ts";
import { median, round } from "./figures.ts";
import { migrate } from "./seed.ts";
import { tickAt } from "./sentinel-tick.ts";
import { LoopbackTarget } from "./targets.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const CHECKS = 1_000;
const TICKS = 3;
/** What an answer of the internet may take; loopback's own takes none. */
const USUAL_ANSWER_MS = 150;

/** A thousand checks from three regions in one tick: every one of them looked at from everywhere, or said that it was not. */
export async function lookAtThousand(): Promise<{ checks1000x3Ms: number }> {
  const workerd = await startWorkerd({ appEntry: "sentinel.worker.mjs" });
  const target = await LoopbackTarget.start();
  try {
    await migrate(workerd.url.d1);
    await seedSettings(workerd.url.d1);
    const ids = await seedChecks(workerd.url.d1, CHECKS, target.url, Date.now());
    const times: number[] = [];
    let at = Date.now();
    for (let tick = 0; tick < TICKS; tick++) times.push(await look(workerd, target, ids, (at += TICK_EVERY_MS)));
    target.answerAfterMs = USUAL_ANSWER_MS;
    await look(workerd, target, ids, (at += TICK_EVERY_MS));
    return { checks1000x3Ms: round(median(times), 0) };
  } finally {
    await workerd.stop();
    await target.stop();
  }
}

async function look(workerd: Workerd, target: LoopbackTarget, ids: string[], at: number): Promise<number> {
  target.asked = target.requestsMost = target.connectionsMost = 0;
  const { tookMs, cpuMs, rowsWritten, steps } = await tickAt(workerd, at);
  const { isUnfinished, says } = steps.find(({ name }) => name === "checks")!;
  const response = await fetch(`${workerd.url.app}/bench/rounds`, { method: "POST", body: JSON.stringify(ids) });
  const rounds = (await response.json()) as Record<string, LastRound>;
  const whole = ids.filter((id) => {
    const { lastRoundAt, results } = rounds[id] ?? { lastRoundAt: 0, results: [] };
    return (
      lastRoundAt === at &&
      REGIONS.every((of) => results.some(({ region, outcome }) => region === of && outcome !== "unknown"))
    );
  });
  console.error(
    `${CHECKS} checks × ${REGIONS.length}  answers after ${target.answerAfterMs} ms: ${tookMs.toFixed(0)} ms, ${cpuMs} ms of ` +
      `processor time, ${rowsWritten} rows written; it says “${says}”; ${target.asked} requests, ${whole.length} whole rounds, ` +
      `at most ${target.requestsMost} requests and ${target.connectionsMost} connections at once`,
  );
  if (tookMs >= TICK_EVERY_MS || isUnfinished || whole.length < CHECKS)
    throw new Error(`A tick is not enough for ${CHECKS} checks from ${REGIONS.length} regions.`);
  if (target.requestsMost > REGIONS.length * PROBES_AT_ONCE)
    throw new Error("More at once than the platform lets an object ask.");
  return tookMs;
}
