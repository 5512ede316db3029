import type { Recurring } from "../../../../contract/silences.ts";
import type { Faults } from "../checks/checked.ts";

/** Hours of a week as they are typed: of a silence, or of a channel that is left in peace. */
export interface WeeklyDraft {
  /** 1 is Monday. */
  days: number[];
  from: string;
  to: string;
  timeZone: string;
}

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const WORKDAYS = [1, 2, 3, 4, 5];
export const EVERY_DAY = [...WORKDAYS, 6, 7];

/** Nights on every day, by the clock on the reader's own wall. */
export function newWeekly(timeZone = ownTimeZone()): WeeklyDraft {
  return { days: [...EVERY_DAY], from: "22:00", to: "07:00", timeZone };
}

export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function weeklyDraftOf({ days, from, to, timeZone }: Recurring): WeeklyDraft {
  return { days: [...days], from, to, timeZone };
}

/** What was typed as it would be sent; what is wrong with it is noted at the fields below `prefix`. */
export function weeklyTyped(faults: Faults, prefix: string, { days, from, to, timeZone }: WeeklyDraft): Recurring {
  if (days.length === 0) faults.wrong[`${prefix}days`] = "One day at least.";
  for (const [name, time] of [["from", from] as const, ["to", to] as const]) {
    if (time === "") faults.missing[`${prefix}${name}`] = "A time of day.";
    else if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) faults.wrong[`${prefix}${name}`] = "A time of day such as 22:30.";
  }
  if (timeZone.trim() === "") faults.missing[`${prefix}timeZone`] = "By which clock: a name such as Europe/Berlin.";
  else if (!isTimeZone(timeZone.trim()))
    faults.wrong[`${prefix}timeZone`] = "There is no such time zone. They are called like Europe/Berlin.";
  return { kind: "weekly", days: days.toSorted(), from, to, timeZone: timeZone.trim() };
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name.length <= 64;
  } catch {
    return false;
  }
}

/** `every day`, `Mon to Fri`, `Sat and Sun`, `Mon, Wed and Fri`. */
export function daysInWords(days: readonly number[]): string {
  const sorted = days.toSorted();
  const isRow = sorted.every((day, index) => index === 0 || day === sorted[index - 1]! + 1);
  const names = sorted.map((day) => DAYS[day - 1]!);
  if (sorted.length === 7) return "every day";
  if (isRow && sorted.length > 2) return `${names[0]} to ${names.at(-1)}`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** `Mon to Fri, 22:00 to 07:00 on the next day, Europe/Berlin`; the zone is left out where it is the reader's own. */
export function weeklyInWords({ days, from, to, timeZone }: Recurring, own = ownTimeZone()): string {
  const end = to > from ? to : `${to} on the next day`;
  return [daysInWords(days), `${from} to ${end}`, timeZone !== own && timeZone].filter(Boolean).join(", ");
}
