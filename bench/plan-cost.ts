import { DATABASE_BYTES_MAX, PLAN_LIMITS } from "../worker/live/thrift.ts";

/** What something uses in a day, by what Cloudflare counts. */
export interface DayParts {
  rowsWritten: number;
  rowsRead: number;
  workerRequests: number;
  objectRequests: number;
  objectGbSeconds: number;
}
export const PARTS = ["rowsWritten", "rowsRead", "workerRequests", "objectRequests", "objectGbSeconds"] as const;

/** A fleet's day: what is there anyway, and what each instance adds. */
export interface DayModel {
  fixed: DayParts;
  perInstance: DayParts;
  bytesPerInstance: number;
}

/** One object is charged for 128 MB and for at most a whole day. */
export const OBJECT_GB = 0.128;
export const OBJECT_GB_SECONDS_MAX = OBJECT_GB * 86_400;
const DAYS_PER_MONTH = 30;

export function dayOf({ fixed, perInstance }: DayModel, instances: number): DayParts {
  const parts = Object.fromEntries(PARTS.map((part) => [part, fixed[part] + instances * perInstance[part]]));
  const used = parts as unknown as DayParts;
  return { ...used, objectGbSeconds: Math.min(OBJECT_GB_SECONDS_MAX, used.objectGbSeconds) };
}

/** How many instances a day of the Free plan holds, and what ends first. One object cannot use up its GB-seconds. */
export function freeInstances({ fixed, perInstance }: DayModel): {
  instances: number;
  binding: string;
  all: Record<string, number>;
} {
  const limits = PLAN_LIMITS.free;
  const all = Object.fromEntries(
    PARTS.map((part) => [part, Math.floor((limits[part] - fixed[part]) / perInstance[part])]),
  ) as Record<string, number>;
  if (limits.objectGbSeconds >= OBJECT_GB_SECONDS_MAX) all["objectGbSeconds"] = Infinity;
  const [binding, instances] = Object.entries(all).reduce((least, one) => (one[1] < least[1] ? one : least));
  return { instances, binding, all };
}

export function freeInstancesByStorage({ bytesPerInstance }: DayModel): number {
  return Math.floor(DATABASE_BYTES_MAX.free / bytesPerInstance);
}

/** Dollars a month on the Paid plan: its $5, and what goes beyond what they include. Cloudflare's pricing pages, 2026. */
export function paidDollars(model: DayModel, instances: number): { dollars: number; databases: number } {
  const day = dayOf(model, instances);
  const month = (part: keyof DayParts) => day[part] * DAYS_PER_MONTH;
  const bytes = instances * model.bytesPerInstance;
  const over = (used: number, included: number, unit: number) => Math.max(0, used - included) / unit;
  const dollars =
    5 +
    over(month("workerRequests"), 10e6, 1e6) * 0.3 +
    // Of these two the bill rounds up to whole units.
    Math.ceil(over(month("objectRequests"), 1e6, 1e6)) * 0.15 +
    Math.ceil(over(month("objectGbSeconds"), 400_000, 1e6)) * 12.5 +
    over(month("rowsWritten"), 50e6, 1e6) * 1 +
    over(month("rowsRead"), 25e9, 1e6) * 0.001 +
    over(bytes, 5e9, 1e9) * 0.75;
  return { dollars, databases: Math.ceil(bytes / DATABASE_BYTES_MAX.paid) };
}
