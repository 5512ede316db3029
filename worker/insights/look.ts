import type { AnomalySpan } from "../../contract/insights.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { InstanceRow } from "../instances/table.ts";
import type { InsightEngine, Machine, MachineHistory } from "./engine.ts";
import { keepHours, type KeptHours } from "./hours.ts";
import { FINE_FROM_MS, HOURLY_FROM_MS, readPast, type PastReader } from "./past.ts";
import {
  endCleanedUp,
  endUnfound,
  keepFindings,
  outlooksOf,
  saveOutlooks,
  type LastReading,
  type NewOutlook,
} from "./store.ts";
import type { OutlookRow } from "./table.ts";
import { watchOn, type Watch, type WatchStore } from "./watch.ts";

export interface Looking extends PastReader {
  engine: InsightEngine;
  watches: WatchStore;
}

/** A band that is drawn is written anew so often; what stands out at once. */
const OUTLOOK_EVERY_MS = 6 * 3_600_000;

/**
 * Looks into some machines: what comes, what stands out, what comes back, what is not used. Keeps what is news. Answers how many rows of
 * findings were written. What two machines have in common is looked for among those of one call.
 */
export async function lookInto(looking: Looking, rows: readonly InstanceRow[], now: EpochMs): Promise<number> {
  if (rows.length === 0) return 0;
  const { db, engine, watches } = looking;
  const ids = rows.map(({ id }) => id);
  const before = watches.load(ids);
  const fineFrom = Math.min(...ids.map((id) => before.get(id)?.upTo ?? now - FINE_FROM_MS));
  const kept = new Map(ids.flatMap((id) => freshHours(id, before.get(id), now)));
  const past = await readPast(looking, ids, Math.max(fineFrom, now - FINE_FROM_MS), now, { kept });

  const settled = new Map<string, Watch>();
  const histories = rows.map((row): MachineHistory => {
    const { hourly, fine } = past.get(row.id)!;
    const watched = watchOn(before.get(row.id), fine, now);
    if (watched.settled) {
      const readAt = kept.get(row.id)?.readAt ?? now;
      const hours = keepHours(hourly, { since: now - HOURLY_FROM_MS, until: watched.settled.upTo, readAt });
      settled.set(row.id, { ...watched.settled, hours });
    }
    return { machine: machineOf(row), hourly, fine, spans: watched.spans };
  });

  const foretold = await engine.predictions(histories, now);
  const findings = [
    ...foretold.flatMap((one) => one.findings),
    ...(await engine.anomalies(histories, now)),
    ...(await engine.patterns(histories, now)),
  ];
  const written = await keepFindings(db, findings, engine, now);
  await endUnfound(db, engine, ids, findings, now);
  await endCleanedUp(db, histories.flatMap(lastReadings), now);
  const outlooks = histories.map(({ machine, spans }, place) => {
    return { instanceId: machine.id, bands: foretold[place]?.bands ?? {}, spans: [...spans] };
  });
  await saveOutlooks(db, worthWriting(outlooks, await outlooksOf(db, ids), now), now);
  // Last: where anything before it fails, all of it is looked at again.
  watches.save(settled);
  return written;
}

/** Of what fills up. */
function lastReadings({ machine, hourly }: MachineHistory): LastReading[] {
  return [...hourly].flatMap(([metric, { values }]) => {
    const value = metric.endsWith("_ratio") ? values.findLast((one) => !Number.isNaN(one)) : undefined;
    return value === undefined ? [] : [{ id: machine.id, metric, value }];
  });
}

/** Hours are read anew once a day, for what was handed in late. */
const HOURS_KEPT_MS = 24 * 3_600_000;

function freshHours(id: string, watch: Watch | undefined, now: EpochMs): [string, KeptHours][] {
  const hours = watch?.hours;
  // What follows on them is read from the steps, which begin where the watch ends.
  const isFresh =
    hours && watch.upTo >= now - FINE_FROM_MS && hours.readAt <= now && now - hours.readAt < HOURS_KEPT_MS;
  return isFresh ? [[id, hours]] : [];
}

/**
 * Machines that send nothing: what is known of them is what their provider says, and what they cost. `paid`: those of them that are paid for
 * and not used; of the others what was said before is over.
 */
export async function lookAtSilent(
  { db, engine }: Pick<Looking, "db" | "engine">,
  rows: readonly InstanceRow[],
  paid: readonly InstanceRow[],
  now: EpochMs,
): Promise<number> {
  if (rows.length === 0) return 0;
  const histories = paid.map((row): MachineHistory => {
    return { machine: machineOf(row), hourly: new Map(), fine: new Map(), spans: [] };
  });
  const findings = await engine.patterns(histories, now);
  const written = await keepFindings(db, findings, engine, now);
  const ids = rows.map(({ id }) => id);
  await endUnfound(db, engine, ids, findings, now);
  return written;
}

function worthWriting(made: readonly NewOutlook[], known: readonly OutlookRow[], now: EpochMs): NewOutlook[] {
  const before = new Map(known.map((row) => [row.instanceId, row]));
  return made.filter(({ instanceId, bands, spans }) => {
    const row = before.get(instanceId);
    if (!row) return spans.length > 0 || Object.keys(bands).length > 0;
    return now - row.madeAt >= OUTLOOK_EVERY_MS || row.madeAt > now || begunIn(spans) !== begunIn(row.spans);
  });
}

/** What tells of a new span, and not of one that goes on. */
function begunIn(spans: readonly AnomalySpan[]): string {
  return spans
    .map(({ metric, from }) => `${metric} ${from}`)
    .sort()
    .join();
}

export function machineOf(row: InstanceRow): Machine {
  const { cloud, memoryTotalBytes, monthlyCostGiven } = row;
  return {
    id: row.id,
    name: row.name,
    tags: row.tags,
    region: cloud?.region ?? row.region,
    plan: cloud?.plan ?? row.type,
    cpuCount: row.cpuCount ?? cloud?.cpuCount ?? null,
    memoryBytes: memoryTotalBytes ?? cloud?.memoryBytes ?? null,
    diskBytes: cloud?.diskBytes ?? null,
    monthlyCost: monthlyCostGiven ?? cloud?.monthlyCost ?? null,
    bandwidth: row.bandwidth,
    bootAt: row.bootAt,
    firstSeenAt: row.firstSeenAt,
  };
}
