import type { EpochMs } from "../../../contract/units.ts";
import {
  DAY_MS,
  dayOfYear,
  DAYS_OF_UNIT,
  HOUR_MS,
  lastWeekday,
  MINUTE_MS,
  MONTHS,
  nextWeekday,
  startOf,
  WEEKDAYS,
  type CalendarUnit,
} from "./calendar.ts";

/** Words for times in a question, in UTC. `text`: words put right, in lower case, with single spaces. */

export interface Span {
  from: EpochMs;
  to: EpochMs;
}

export interface When {
  /** The time that is over, or has begun; null where none is named. */
  past: Span | null;
  /** Until when something may come; null where no such time is named. */
  until: EpochMs | null;
  /** The one moment that is named: `14:00`, `2 hours ago`. */
  at: EpochMs | null;
}

const UNTIL_NOW = /\b(and|until|till|to) now\b|\bonwards?\b/;
const UNITS = "minutes?|mins?|hours?|hrs?|days?|weeks?|months?|quarters?|years?";
const NUMBERS = "one two three four five six seven eight nine ten".split(" ");
const AMOUNT = `(\\d{1,4}|${NUMBERS.join("|")}|an?|few)`;
const DAY_NAME = WEEKDAYS.join("|");
const MONTH_NAME = MONTHS.join("|");

const PARTS_OF_DAY: Record<string, readonly [from: number, to: number]> = {
  morning: [6, 12],
  afternoon: [12, 18],
  evening: [18, 24],
  night: [18, 30],
};

export function whenIn(text: string, now: EpochMs): When {
  const day = dayIn(text, now);
  const at = momentIn(text, day?.from ?? null, now);
  const around = at === null ? null : { from: at - HOUR_MS, to: at + HOUR_MS };
  const past = pastIn(text, now) ?? around ?? (day && UNTIL_NOW.test(text) ? { ...day, to: now } : day) ?? null;
  return { past: past && clipped(past, now), until: untilIn(text, now), at };
}

/** How long what is compared with what is before it: the unit of `this week with last week`; null where none is named. */
export function comparedDays(text: string): number | null {
  const found = new RegExp(`\\b(?:last|past|previous|this|over|on|by) (?:(\\d{1,3}) )?(${UNITS})\\b`).exec(text);
  if (found) return Number(found[1] ?? 1) * daysOf(found[2]!);
  return /\b(today|yesterday)\b/.test(text) ? 1 : null;
}

function clipped({ from, to }: Span, now: EpochMs): Span | null {
  const end = Math.min(to, now);
  return from < end ? { from, to: end } : null;
}

type Rule = readonly [pattern: RegExp, span: (found: RegExpExecArray, now: EpochMs) => Span | undefined];

const PAST: readonly Rule[] = [
  [/\b(last night|overnight|the night)\b/, (_, now) => night(now)],
  [/\b(the|this|last) weekend\b/, (_, now) => weekend(now)],
  [/\btonight\b/, (_, now) => ({ from: startOf("day", now) + 18 * HOUR_MS, to: now })],
  [/\bday before yesterday\b/, (_, now) => wholeDay(startOf("day", now, -2))],
  [
    /\b(this|yesterday) (morning|afternoon|evening|night)\b/,
    ([, which, part], now) => partOf(startOf("day", now, which === "this" ? 0 : -1), part!),
  ],
  [
    new RegExp(`\\b(?:last|past|previous|recent) ${AMOUNT} (${UNITS})\\b`),
    ([, amount, unit], now) => ({ from: now - numberOf(amount!) * daysOf(unit!) * DAY_MS, to: now }),
  ],
  [
    new RegExp(`\\b(?:in|over|during|for|within|of) the (?:last|past) (${UNITS})\\b`),
    ([, unit], now) => ({ from: now - daysOf(unit!) * DAY_MS, to: now }),
  ],
  [/\b(?:past|last) (hour|day|minute)\b/, ([, unit], now) => ({ from: now - daysOf(unit!) * DAY_MS, to: now })],
  [/\bpast (week|month|quarter|year)\b/, ([, unit], now) => ({ from: now - daysOf(unit!) * DAY_MS, to: now })],
  [
    /\b(?:last|previous) (week|month|quarter|year)\b/,
    ([, unit], now) => ({
      from: startOf(unit as CalendarUnit, now, -1),
      to: startOf(unit as CalendarUnit, now),
    }),
  ],
  [
    /\b(\d{1,4})\s?(h|d|w)\b/,
    ([, amount, unit], now) => ({ from: now - Number(amount) * SHORT[unit!]! * DAY_MS, to: now }),
  ],
  [/\bthis (week|month|quarter|year)\b/, ([, unit], now) => ({ from: startOf(unit as CalendarUnit, now), to: now })],
  [
    new RegExp(`\\bsince (?:last )?(${DAY_NAME})\\b`),
    ([, name], now) => ({ from: lastWeekday(WEEKDAYS.indexOf(name as "monday"), now, false), to: now }),
  ],
  [/\bsince yesterday\b/, (_, now) => ({ from: startOf("day", now, -1), to: now })],
  [
    /\bsince (?:at )?(\d{1,2})(?::(\d\d)| ?(am|pm)\b)/,
    (found, now) => {
      const at = latestClock(found, null, now);
      return at === null ? undefined : { from: at, to: now };
    },
  ],
  [
    new RegExp(`\\bsince (.*(?:${MONTH_NAME}|\\d{4}-\\d\\d-\\d\\d).*)`),
    ([, rest], now) => {
      const day = dateIn(rest!, now, "past");
      return day === undefined ? undefined : { from: day, to: now };
    },
  ],
];

const SHORT: Record<string, number> = { h: 1 / 24, d: 1, w: 7 };

function pastIn(text: string, now: EpochMs): Span | undefined {
  for (const [pattern, span] of PAST) {
    const found = pattern.exec(text);
    const one = found && span(found, now);
    if (one) return one;
  }
  return undefined;
}

/** A whole day that is named, with a part of it where one is. */
function dayIn(text: string, now: EpochMs): Span | undefined {
  if (/\byesterday\b/.test(text)) return wholeDay(startOf("day", now, -1));
  if (/\btoday\b/.test(text)) return wholeDay(startOf("day", now));
  const ago = new RegExp(`\\b${AMOUNT} (days?|weeks?|months?) ago\\b`).exec(text);
  if (ago) return wholeDay(startOf("day", now - numberOf(ago[1]!) * daysOf(ago[2]!) * DAY_MS));
  const named = new RegExp(`\\b(last )?(${DAY_NAME})(?: (morning|afternoon|evening|night))?\\b`).exec(text);
  if (named) {
    const start = lastWeekday(WEEKDAYS.indexOf(named[2] as "monday"), now, named[1] !== undefined);
    return named[3] === undefined ? wholeDay(start) : partOf(start, named[3]);
  }
  return spanOfDate(text, now);
}

/** A time of day is the latest such time, or the one on the day that is named. */
function momentIn(text: string, dayStart: EpochMs | null, now: EpochMs): EpochMs | null {
  const ago = new RegExp(`\\b${AMOUNT} (minutes?|mins?|hours?|hrs?) ago\\b`).exec(text);
  if (ago) return now - numberOf(ago[1]!) * daysOf(ago[2]!) * DAY_MS;
  const clock = /\b(\d{1,2})(?:[:h](\d\d)(?: ?(am|pm))?| ?(am|pm))\b/.exec(text);
  if (clock) return latestClock([clock[0], clock[1]!, clock[2], clock[3] ?? clock[4]], dayStart, now);
  if (/\bnoon\b/.test(text)) return latestClock(["", "12"], dayStart, now);
  return /\bmidnight\b/.test(text) ? latestClock(["", "0"], dayStart, now) : null;
}

type ClockFound = readonly [all: string, hour: string, minute?: string | undefined, half?: string | undefined];

function latestClock(found: readonly (string | undefined)[], dayStart: EpochMs | null, now: EpochMs): EpochMs | null {
  const [, hourText, minuteText, half] = found as unknown as ClockFound;
  const [given, minute] = [Number(hourText), Number(minuteText ?? 0)];
  const hour = half === undefined ? given : (given % 12) + (half === "pm" ? 12 : 0);
  if (given > 24 || hour > 24 || minute > 59) return null;
  const at = (dayStart ?? startOf("day", now)) + hour * HOUR_MS + minute * MINUTE_MS;
  return at <= now ? at : at - DAY_MS;
}

const FUTURE: readonly [pattern: RegExp, until: (found: RegExpExecArray, now: EpochMs) => EpochMs | undefined][] = [
  [
    new RegExp(
      `\\b(?:next|within|in|coming|following|another|under|less than) (?:the )?(?:next )?${AMOUNT} (${UNITS})\\b`,
    ),
    ([, amount, unit], now) => now + numberOf(amount!) * daysOf(unit!) * DAY_MS,
  ],
  [
    /\b(?:in|within|over) the (?:next|coming) (week|month|quarter|year)\b/,
    ([, unit], now) => now + daysOf(unit!) * DAY_MS,
  ],
  [/\bnext (week|month|quarter|year)\b/, ([, unit], now) => startOf(unit as CalendarUnit, now, 2)],
  [
    /\b(?:this|end of the|of the) (week|month|quarter|year)\b/,
    ([, unit], now) => startOf(unit as CalendarUnit, now, 1),
  ],
  [/\btomorrow\b/, (_, now) => startOf("day", now, 2)],
  [/\b(today|tonight)\b/, (_, now) => startOf("day", now, 1)],
  [
    new RegExp(`\\b(?:by|before|until|till) (?:next )?(${DAY_NAME})\\b`),
    ([, name], now) => nextWeekday(WEEKDAYS.indexOf(name as "monday"), now),
  ],
  [
    new RegExp(`\\b(?:by|before|until|till) (.*(?:${MONTH_NAME}|\\d{4}-\\d\\d-\\d\\d).*)`),
    ([, rest], now) => dateIn(rest!, now, "future"),
  ],
  [/\bsoon\b/, (_, now) => now + 14 * DAY_MS],
];

function untilIn(text: string, now: EpochMs): EpochMs | null {
  for (const [pattern, until] of FUTURE) {
    const found = pattern.exec(text);
    const at = found && until(found, now);
    if (at != null && at > now) return at;
  }
  return null;
}

const DATES = [
  new RegExp(`\\b(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<month>${MONTH_NAME})\\b`),
  new RegExp(`\\b(?<month>${MONTH_NAME}) (?:the )?(?<day>\\d{1,2})(?:st|nd|rd|th)?\\b`),
  new RegExp(`\\b(?:in|by|before|until|till|since|of|end of|start of)? ?(?<month>${MONTH_NAME})\\b`),
];

/** A day by its date, or a month by its name. */
function spanOfDate(text: string, now: EpochMs): Span | undefined {
  const start = dateIn(text, now, "past");
  if (start === undefined) return undefined;
  const isDay = /\d{4}-\d\d-\d\d/.test(text) || DATES.slice(0, 2).some((pattern) => pattern.test(text));
  return isDay ? wholeDay(start) : { from: start, to: startOf("month", start, 1) };
}

function dateIn(text: string, now: EpochMs, side: "past" | "future"): EpochMs | undefined {
  const iso = /\b(\d{4})-(\d\d)-(\d\d)\b/.exec(text);
  if (iso) {
    const at = Date.parse(`${iso[0]}T00:00:00Z`);
    return Number.isNaN(at) ? undefined : at;
  }
  for (const pattern of DATES) {
    const { month, day } = pattern.exec(text)?.groups ?? {};
    // `may` and `march` are words of other sentences too: without a day they are no dates.
    if (month === undefined || (day === undefined && (month === "may" || month === "march"))) continue;
    return dayOfYear(MONTHS.indexOf(month as "january"), Number(day ?? 1), now, side);
  }
  return undefined;
}

const wholeDay = (start: EpochMs): Span => ({ from: start, to: start + DAY_MS });

function partOf(start: EpochMs, part: string): Span {
  const [from, to] = PARTS_OF_DAY[part]!;
  return { from: start + from * HOUR_MS, to: start + to * HOUR_MS };
}

/** From the evening before to the morning; before morning the night is this one. */
function night(now: EpochMs): Span {
  return partOf(startOf("day", now, -1), "night");
}

/** The last one that is over, or has begun. */
function weekend(now: EpochMs): Span {
  const saturday = lastWeekday(6, now, false);
  return { from: saturday, to: saturday + 2 * DAY_MS };
}

function daysOf(unit: string): number {
  const one = unit.replace(/s$/, "").replace(/^hr$/, "hour").replace(/^min$/, "minute");
  return DAYS_OF_UNIT[one as CalendarUnit];
}

function numberOf(amount: string): number {
  if (/^\d/.test(amount)) return Number(amount);
  if (amount === "few") return 3;
  return NUMBERS.includes(amount) ? NUMBERS.indexOf(amount) + 1 : 1;
}
