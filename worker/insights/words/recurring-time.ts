import type { DurationMs } from "../../../contract/units.ts";
import { clockInWords } from "./moment.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A week begins on Monday. */
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/**
 * When something comes back: `every day between 02:00 and 03:00 UTC`, `on Saturdays and Sundays`, `every Sunday between 03:00 and
 * 04:00 UTC`. `from` and `to` are counted from midnight UTC, or from the beginning of Monday.
 */
export function recurringTimeInWords(period: "day" | "week", from: DurationMs, to: DurationMs): string {
  const hours = `between ${clockInWords(from)} and ${clockInWords(to)} UTC`;
  if (period === "day") return `every day ${hours}`;
  if (from % DAY !== 0 || to % DAY !== 0) {
    const begins = DAYS[Math.floor(from / DAY) % 7]!;
    if (to - from < DAY) return `every ${begins} ${hours}`;
    const ends = DAYS[Math.floor(to / DAY) % 7]!;
    return `every week from ${begins}, ${clockInWords(from)}, to ${ends}, ${clockInWords(to)} UTC`;
  }
  const first = Math.floor(from / DAY);
  const count = Math.round((to - from) / DAY);
  if (count === 1) return `on ${DAYS[first % 7]}s`;
  if (count === 2) return `on ${DAYS[first % 7]}s and ${DAYS[(first + 1) % 7]}s`;
  return `from ${DAYS[first % 7]} to ${DAYS[(first + count - 1) % 7]}`;
}
