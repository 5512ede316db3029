import type { InstanceFacts } from "../../contract/ingest.ts";
import type { Instance } from "../../contract/instance.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { CLONE_TOLD_EVERY_MS } from "../settings.ts";
import type { InstanceRow } from "./table.ts";

/** What came with a batch of samples, beside the samples. */
export interface Reported {
  facts: InstanceFacts;
  agentVersion: string | null;
  intervalMs: DurationMs;
  clockOffsetMs: number;
}

/** A clock wandering by less than this is no news, and not worth a written row. */
const CLOCK_NEWS_MS = 2_000;
/** The boot time is a clock minus a counter: it jitters by fractions of a second. */
const BOOT_NEWS_MS = 5_000;

/** The row as it should be after this report; the same object where nothing changed. A field not reported keeps its value. */
export function withReport(known: InstanceRow | undefined, reported: Reported, now: EpochMs): InstanceRow {
  const { id, name, bootAt, bootId, ...rest } = reported.facts;
  const before = known ?? emptyRow(id, now);
  const after: InstanceRow = { ...before, intervalMs: reported.intervalMs };
  for (const [field, value] of Object.entries(rest)) {
    if (value !== undefined) Object.assign(after, { [field]: value });
  }
  after.name = before.nameGiven ?? name ?? before.name;
  if (reported.agentVersion) after.agentVersion = reported.agentVersion;
  withBoot(after, bootId, now);
  if (bootAt !== undefined && !isNear(before.bootAt, bootAt, BOOT_NEWS_MS)) after.bootAt = bootAt;
  if (!isNear(before.clockOffsetMs, reported.clockOffsetMs, CLOCK_NEWS_MS))
    after.clockOffsetMs = reported.clockOffsetMs;
  return known && isSame(known, after) ? known : after;
}

/**
 * A machine that boots goes from one boot id to a new one, and never back. Who comes with the one before is a second machine
 * with the same token: two that take turns. The row then stays with the one it knows, or it would be written with every sample.
 */
function withBoot(row: InstanceRow, bootId: string | undefined, now: EpochMs): void {
  if (bootId === undefined || bootId === row.bootId) return;
  if (bootId === row.previousBootId) {
    if ((row.clonedAt ?? 0) <= now - CLONE_TOLD_EVERY_MS) row.clonedAt = now;
    return;
  }
  row.previousBootId = row.bootId;
  row.bootId = bootId;
}

function isNear(before: number | null, after: number, tolerance: number): boolean {
  return before !== null && Math.abs(after - before) < tolerance;
}

function isSame(a: InstanceRow, b: InstanceRow): boolean {
  return (Object.keys(a) as (keyof InstanceRow)[]).every((field) => a[field] === b[field]);
}

/** Of an instance of which nothing is known but its id. */
export function emptyRow(id: string, now: EpochMs): InstanceRow {
  return {
    id,
    name: id,
    nameGiven: null,
    region: null,
    type: null,
    hostname: null,
    os: null,
    kernel: null,
    arch: null,
    cpuModel: null,
    cpuCount: null,
    memoryTotalBytes: null,
    bootId: null,
    previousBootId: null,
    bootAt: null,
    healthEndpoint: null,
    agentVersion: null,
    intervalMs: 0,
    clockOffsetMs: 0,
    tags: [],
    clonedAt: null,
    firstSeenAt: now,
    cloudKind: null,
    cloudId: null,
    monthlyCostGiven: null,
    accountId: null,
    accountInstanceId: null,
    cloud: null,
    bandwidth: null,
    judgement: null,
  };
}

/** The row as the API tells of it. */
export function publicInstance(row: InstanceRow, lastSampleAt: EpochMs | null): Instance {
  const {
    nameGiven: _given,
    bootId: _bootId,
    previousBootId: _previous,
    cloudKind: _kind,
    cloudId: _id,
    ...rest
  } = row;
  const { accountId: _account, accountInstanceId: _instance, bandwidth: _bandwidth, ...told } = rest;
  return { ...told, region: told.cloud?.region ?? told.region, lastSampleAt };
}
