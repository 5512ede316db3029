import type { Amounts, Operations, Quota, UsageDay } from "../../../../contract/operations.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { formatRatio } from "../format/ratio.ts";

const DAY = 86_400_000;
const TEN_MINUTES = 600_000;

/** In the order of how soon they are used up. (`QUOTAS` of the contract comes with schemas, which no page needs.) */
export const QUOTA_WORDS: Record<Quota, { label: string; hint: string; todays: string }> = {
  rowsWritten: {
    label: "Rows written",
    hint: "In the database, with those of its indexes.",
    todays: "today's written rows",
  },
  rowsRead: { label: "Rows read", hint: "In the database, found or only looked at.", todays: "today's read rows" },
  workerRequests: {
    label: "Worker requests",
    hint: "Every call of an agent, a browser or a program. Files of the dashboard cost nothing.",
    todays: "today's Worker requests",
  },
  objectRequests: {
    label: "Object requests",
    hint: "Calls of the shard, the sentinel and its probers. 20 socket messages count as one.",
    todays: "today's object requests",
  },
  objectGbSeconds: {
    label: "Object GB-s",
    hint: "0.128 GB × the seconds that they are at work.",
    todays: "today's object GB-s",
  },
};
export const QUOTA_NAMES = Object.keys(QUOTA_WORDS) as Quota[];

/** `within`: so it stays until midnight. `ahead`: the forecast passes the limit. The rest by what is used already. */
export type QuotaState = "within" | "ahead" | "high" | "nearlyUsed" | "over";

/** From where samples wait longer for the database; as in `contract/operations.ts`. */
const SAVING_FROM = 0.8;
const SPARING_FROM = 0.95;

export interface QuotaToday {
  quota: Quota;
  used: number;
  limit: number;
  forecast: number;
  /** Of the limit, now. */
  share: number;
  state: QuotaState;
  /** When the limit is passed, should the day go on like this; null where it is not, or is already. */
  passesAt: EpochMs | null;
}

export function quotasOf({ now, limits, today, forecast }: Operations): QuotaToday[] {
  return QUOTA_NAMES.map((quota) => {
    const [used, limit, until] = [today.used[quota], limits[quota], forecast[quota]];
    const share = limit > 0 ? used / limit : 0;
    const passesAt = momentPassed(now, used, limit, until);
    return { quota, used, limit, forecast: until, share, passesAt, state: stateOf(share, passesAt) };
  });
}

function stateOf(share: number, passesAt: EpochMs | null): QuotaState {
  if (share >= 1) return "over";
  if (share >= SPARING_FROM) return "nearlyUsed";
  if (passesAt !== null) return "ahead";
  return share >= SAVING_FROM ? "high" : "within";
}

/** Between now and midnight UTC it grows evenly towards the forecast. */
function momentPassed(now: EpochMs, used: number, limit: number, forecast: number): EpochMs | null {
  if (limit <= 0 || used >= limit || forecast <= limit) return null;
  return now + ((limit - used) / (forecast - used)) * (midnightAfter(now) - now);
}

/** The days of the plan are those of UTC. */
export function midnightAfter(now: EpochMs): EpochMs {
  return (Math.floor(now / DAY) + 1) * DAY;
}

/** What becomes of it until midnight: `would pass the limit at about 21:40 UTC`. */
export function forecastInWords(today: QuotaToday, plan: Operations["plan"]): string {
  const { quota, forecast, limit, state, passesAt } = today;
  if (state === "over") {
    return plan === "free"
      ? "The limit is passed: Cloudflare refuses what goes beyond, until midnight UTC."
      : "A thirtieth of what the month includes is passed. Beyond the month's whole it costs more.";
  }
  const share = limit > 0 ? ` (${formatRatio(forecast / limit)})` : "";
  const until = `${formatAmount(quota, forecast)} by midnight UTC${share}`;
  return passesAt === null ? `About ${until}` : `Would pass the limit ${clockInWords(passesAt)}: ${until}`;
}

function clockInWords(at: EpochMs): string {
  const rounded = Math.round(at / TEN_MINUTES) * TEN_MINUTES;
  if (rounded % DAY === 0) return "shortly before midnight UTC";
  return `at about ${new Date(rounded).toISOString().slice(11, 16)} UTC`;
}

export function formatAmount(quota: Quota, amount: number): string {
  const whole = Math.round(amount).toLocaleString("en");
  return quota === "objectGbSeconds" ? `${whole} GB-s` : whole;
}

/** A day of the past; null where nothing was counted, which is not zero. */
export interface DayUsed {
  day: string;
  used: Amounts | null;
}

/** The last days, oldest first and today at the end, none left out. */
export function daysOf(today: UsageDay, before: readonly UsageDay[], count = 30): DayUsed[] {
  const usedOn = new Map([today, ...before].map(({ day, used }) => [day, used]));
  const last = Date.parse(`${today.day}T00:00:00Z`);
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(last - (count - 1 - index) * DAY).toISOString().slice(0, 10);
    return { day, used: usedOn.get(day) ?? null };
  });
}
