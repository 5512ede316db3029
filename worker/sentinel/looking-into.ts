import type { ProviderKind } from "../../contract/providers.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { localEngine } from "../insights/local/engine.ts";
import { lookAtSilent, lookInto } from "../insights/look.ts";
import type { WatchStore } from "../insights/watch.ts";
import type { InstanceRow } from "../instances/table.ts";
import { shard } from "../live/shard-client.ts";
import { log, messageOf } from "../log.ts";
import type { Operations } from "../../contract/operations.ts";
import { INSIGHTS_EVERY_MS, INSIGHTS_PER_SLICE, INSIGHTS_PER_TICK_MAX } from "../settings.ts";
import type { Memory } from "./memory.ts";
import type { StepOutcome } from "./steps.ts";

/** What is known of a machine without an agent changes with its list, and seldom. */
const SILENT_EVERY_MS: DurationMs = 6 * 3_600_000;

/** Clouds that ask the whole price of a machine that is stopped; the others ask for its disk only. */
const PAID_WHEN_STOPPED: readonly ProviderKind[] = ["vultr", "digitalocean", "hetzner"];

function isStoppedAndPaid({ cloud }: InstanceRow): boolean {
  return cloud?.status === "stopped" && PAID_WHEN_STOPPED.includes(cloud.kind);
}

export interface LookingParts {
  env: Env;
  db: Database;
  memory: Memory;
  watches: WatchStore;
  plan: Operations["plan"];
}

/**
 * Looks into some machines in each tick, those first that have waited longest, each once an hour. Those of a slice have their region and
 * their first tag in common where they can: what moves together is looked for among them.
 */
export async function lookIntoDue(
  { env, db, memory, watches, plan }: LookingParts,
  instances: readonly InstanceRow[],
  now: EpochMs,
  until: EpochMs,
): Promise<StepOutcome> {
  const triedAt = ({ id }: InstanceRow) => memory.instances.get(id)?.lookTriedAt ?? 0;
  const waits = (row: InstanceRow, everyMs: DurationMs) => now - triedAt(row) >= everyMs || triedAt(row) > now;
  const note = (rows: readonly InstanceRow[], what: "lookTriedAt" | "lookedIntoAt") => {
    for (const { id } of rows) memory.instances.set(id, { ...memory.instances.get(id), [what]: now });
  };
  const silent = instances.filter((row) => row.intervalMs === 0 && waits(row, SILENT_EVERY_MS));
  note(silent, "lookTriedAt");
  const around = {
    db,
    engine: localEngine,
    watches,
    held: (ids: string[], keys: string[]) => shard(env).held(ids, keys),
  };
  let written = await lookAtSilent(around, silent, silent.filter(isStoppedAndPaid), now);
  const due = instances.filter((row) => row.intervalMs > 0 && waits(row, INSIGHTS_EVERY_MS));
  if (due.length === 0) return written > 0 ? { says: `${written} findings written` } : {};

  const turn = due.toSorted((a, b) => triedAt(a) - triedAt(b)).slice(0, INSIGHTS_PER_TICK_MAX[plan]);
  const slices = slicesOf(turn);
  let [looked, failed] = [0, 0];
  for (let slice = slices.shift(); slice && Date.now() <= until; slice = slices.shift()) {
    // Before it is done: who it fails for waits for their next turn as all others do.
    note(slice, "lookTriedAt");
    try {
      written += await lookInto(around, slice, now);
      note(slice, "lookedIntoAt");
      looked += slice.length;
    } catch (error) {
      log({ event: "look_failed", instances: slice.length, message: messageOf(error) });
      // One machine that it fails for keeps none of the others from being looked into.
      if (slice.length > 1) slices.unshift(...halvesOf(slice));
      else failed++;
    }
  }
  const failures = failed > 0 ? `, ${failed} failed` : "";
  return { says: `${looked} of ${due.length} due, ${written} findings written${failures}` };
}

function halvesOf(slice: InstanceRow[]): InstanceRow[][] {
  const middle = Math.ceil(slice.length / 2);
  return [slice.slice(0, middle), slice.slice(middle)];
}

function slicesOf(rows: readonly InstanceRow[]): InstanceRow[][] {
  const kin = ({ cloud, region, tags }: InstanceRow) => `${cloud?.region ?? region ?? ""} ${tags[0] ?? ""}`;
  const sorted = rows.toSorted((a, b) => kin(a).localeCompare(kin(b)) || a.id.localeCompare(b.id));
  const slices: InstanceRow[][] = [];
  for (let at = 0; at < sorted.length; at += INSIGHTS_PER_SLICE) slices.push(sorted.slice(at, at + INSIGHTS_PER_SLICE));
  return slices;
}
