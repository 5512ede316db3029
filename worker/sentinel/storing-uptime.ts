import type { EpochMs } from "../../contract/units.ts";
import { keptWith, type KeptDays } from "../checks/uptime-report.ts";
import { readUptime, writeUptime } from "../checks/uptime-store.ts";
import type { UptimeDay } from "../checks/table.ts";
import type { UptimeState } from "../checks/uptime.ts";
import type { Database } from "../db/client.ts";
import { UPTIMES_PER_TICK_MAX } from "../settings.ts";
import type { Memory } from "./memory.ts";
import type { StepOutcome } from "./steps.ts";

/** Days that are over go into the database, some at a time: one row a day for each subject. */
export async function storeUptime(
  db: Database,
  memory: Memory,
  isThere: (subject: string) => boolean,
  now: EpochMs,
): Promise<StepOutcome> {
  const states = new Map<string, UptimeState>();
  for (const [id, { uptime }] of memory.checks) if (isThere(id)) states.set(id, uptime);
  for (const [id, { uptime }] of memory.instances) if (uptime && isThere(id)) states.set(id, uptime);
  const due = [...states].filter(([, { finished }]) => finished.length > 0);
  if (due.length === 0) return {};
  const turn = due.slice(0, UPTIMES_PER_TICK_MAX);
  const kept = await readUptime(
    db,
    turn.map(([subject]) => subject),
    true,
  );
  const after = new Map<string, KeptDays>(
    turn.map(([subject, { finished }]) => {
      const before = kept.get(subject) ?? { recent: [], older: [] };
      return [subject, keptWith(before, notStoredYet(before, finished), now)];
    }),
  );
  await writeUptime(db, after);
  for (const [, state] of turn) state.finished = [];
  // At once: whoever began again between the two would come with these days a second time.
  await memory.save();
  return { says: `${turn.length} days`, isUnfinished: due.length > turn.length };
}

/** A day that stands there just so was stored by an object that ended before it could note it: added again, it would count twice. */
function notStoredYet({ recent, older }: KeptDays, finished: readonly UptimeDay[]): UptimeDay[] {
  const stored = new Set([...older, ...recent].map(String));
  return finished.filter((day) => !stored.has(String(day)));
}

/** What is remembered of checks and instances that are no more. One that came while the tick was at work is not missing. */
export function forgetMissing(memory: Memory, there: ReadonlySet<string>, now: EpochMs): void {
  for (const [id, { lastRoundAt }] of memory.checks) if (!there.has(id) && lastRoundAt < now) memory.checks.delete(id);
  for (const [id, { uptime }] of memory.instances)
    if (!there.has(id) && (uptime?.lastAt ?? 0) < now) memory.instances.delete(id);
}
