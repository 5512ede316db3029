import { QUOTAS, type Amounts, type Operations, type Quota } from "../../contract/operations.ts";
import type { EpochMs } from "../../contract/units.ts";
import { THRIFT_SHARES } from "../settings.ts";

/** What a plan allows in a day (UTC); of the paid one a thirtieth of what the month includes. Cloudflare's pricing pages. */
export const PLAN_LIMITS: Record<Operations["plan"], Amounts> = {
  free: {
    rowsWritten: 100_000,
    rowsRead: 5_000_000,
    workerRequests: 100_000,
    objectRequests: 100_000,
    objectGbSeconds: 13_000,
  },
  paid: {
    rowsWritten: 50_000_000 / 30,
    rowsRead: 25_000_000_000 / 30,
    workerRequests: 10_000_000 / 30,
    objectRequests: 1_000_000 / 30,
    objectGbSeconds: 400_000 / 30,
  },
};

/** The size of one database; beyond it D1 takes nothing more. */
export const DATABASE_BYTES_MAX: Record<Operations["plan"], number> = { free: 500_000_000, paid: 10_000_000_000 };

export function planOf({ CLOUDFLARE_PLAN }: { CLOUDFLARE_PLAN?: string }): Operations["plan"] {
  return CLOUDFLARE_PLAN === "paid" ? "paid" : "free";
}

export type Thrift = Operations["thrift"];

/** How sparing to be, by the quota that is used up furthest. On the paid plan more costs a little more, and nothing ends. */
export function thriftOf(used: Amounts, plan: Operations["plan"]): Thrift {
  if (plan === "paid") return { stage: "normal", because: null };
  const shares = QUOTAS.map((quota): [Quota, number] => [quota, used[quota] / PLAN_LIMITS.free[quota]]);
  const [because, share] = shares.reduce((most, one) => (one[1] > most[1] ? one : most));
  if (share >= THRIFT_SHARES.sparing) return { stage: "sparing", because };
  if (share >= THRIFT_SHARES.saving) return { stage: "saving", because };
  return { stage: "normal", because: null };
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PASSED_MIN_MS = 10 * 60_000;
/** The rest of the day is taken to be as so many hours before. */
const LOOKS_BACK_HOURS = 3;

/**
 * Today's amounts at midnight. `marks` are the amounts at the end of hours of today, by hour; `begunAt` is when counting began, where
 * that was today.
 */
export function forecastOf(
  used: Amounts,
  marks: Readonly<Record<number, Amounts>>,
  now: EpochMs,
  begunAt: EpochMs = 0,
): Amounts {
  const dayStart = Math.floor(now / DAY_MS) * DAY_MS;
  const hour = Math.floor((now - dayStart) / HOUR_MS);
  const back = hour - LOOKS_BACK_HOURS;
  const from = marks[back];
  const since = from ? dayStart + (back + 1) * HOUR_MS : Math.max(dayStart, begunAt);
  // What happens while it starts says little of a day.
  const passed = Math.max(PASSED_MIN_MS, now - since);
  const left = dayStart + DAY_MS - now;
  return Object.fromEntries(
    QUOTAS.map((quota) => [quota, used[quota] + ((used[quota] - (from?.[quota] ?? 0)) / passed) * left]),
  ) as Amounts;
}
