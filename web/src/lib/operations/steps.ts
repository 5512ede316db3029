import type { TickStep } from "../../../../contract/health.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { formatAgo } from "../format/ago.ts";

/** What the steps of the tick do, for whoever did not write them. One that is new here is called by its own name. */
const STEP_WORDS: Record<string, string> = {
  discover: "List the instances of clouds",
  doors: "Find what new instances answer on",
  checks: "Look at what is due",
  judge: "Judge the instances",
  bandwidth: "Ask clouds for traffic",
  uptime: "Write the uptime",
  heartbeat: "Tell the outside that the tick went well",
  sessions: "End expired sessions",
  sockets: "Close sockets that lost their right",
  signIns: "Forget unfinished sign-ins",
  secrets: "Seal secrets with the newest key",
  gone: "Remove instances that are gone for long",
  expired: "Remove expired history",
  streams: "Forget senders of old",
  events: "Remove old events",
  audit: "Shorten the audit log",
  attempts: "Forget counted attempts",
  shard: "Flush and roll up the history",
};

export function stepInWords(name: string): string {
  return (
    STEP_WORDS[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`)
  );
}

/** Two of three minutes without a step is one tick that was left out: no more than a hiccup. */
const LATE_AFTER_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

export type StepState = "well" | "unfinished" | "failed" | "late";

/** A step of every tick that has not run for long is late; those of once a day are given a day. */
export function stepState(
  step: Pick<TickStep, "isOk" | "isUnfinished" | "lastAt" | "name">,
  newestAt: EpochMs,
): StepState {
  if (!step.isOk) return "failed";
  if (step.isUnfinished) return "unfinished";
  const allowed = ONCE_A_DAY.includes(step.name) ? DAY_MS + LATE_AFTER_MS : LATE_AFTER_MS;
  return newestAt - step.lastAt > allowed ? "late" : "well";
}

const ONCE_A_DAY: readonly string[] = ["gone", "expired", "streams", "events", "audit", "attempts"];

/** The tick as a whole, in one line. */
export function tickInWords(steps: readonly TickStep[], now: EpochMs): { text: string; isWell: boolean } {
  if (steps.length === 0) return { text: "It has not run yet. The first tick comes within two minutes.", isWell: true };
  const newestAt = Math.max(...steps.map(({ lastAt }) => lastAt));
  const failed = steps.filter(({ isOk }) => !isOk).length;
  if (now - newestAt > LATE_AFTER_MS) {
    return { text: `It has not run since ${formatAgo(newestAt, now)}. Nothing is looked at meanwhile.`, isWell: false };
  }
  const ran = `Every two minutes, last ${formatAgo(newestAt, now)}.`;
  if (failed === 0) return { text: `${ran} All steps went well.`, isWell: true };
  return { text: `${ran} ${failed === 1 ? "One step" : `${failed} steps`} failed; the others ran.`, isWell: false };
}
