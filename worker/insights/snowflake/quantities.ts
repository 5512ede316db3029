/**
 * Numbers as they stand in English sentences, with what they are of: `92 %`, `3 d 4 h`, `1,234`, `14:05`, `26 Nov`, `three`. For holding
 * what a language model says against what was measured.
 */
export type QuantityKind = "count" | "percent" | "duration" | "bytes" | "rate" | "money" | "clock" | "day";

export interface Quantity {
  kind: QuantityKind;
  /** In seconds, bytes, minutes of the day; a day as month * 100 + day. More than one where a unit may mean two things. */
  values: number[];
  /** Half of what the last digit is worth, in the same. */
  slack: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SECONDS: readonly [unit: RegExp, seconds: number][] = [
  [/^(ms|milliseconds?)$/, 0.001],
  [/^(s|secs?|seconds?)$/, 1],
  [/^(min|mins|minutes?)$/, MINUTE],
  [/^(h|hrs?|hours?)$/, HOUR],
  [/^(d|days?)$/, DAY],
  [/^(w|wks?|weeks?)$/, 7 * DAY],
];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
const WORDS = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];
const UNIT =
  "%|percent|per cent|ms|milliseconds?|secs?|seconds?|s|mins?|minutes?|hrs?|hours?|h|days?|d|wks?|weeks?|w|[kmgtp]i?b/s|[kmgtp]i?bps|b/s|[kmgtp]i?b|bytes?|b";
const NUMBER = "(\\d{1,3}(?:[,\\u202f\\u2009](?=\\d{3})\\d{3})+|\\d+)(\\.\\d+)?";

const ISO_DATE = /\b(\d{4})-(\d{2})-(\d{2})(?!\d)/g;
const DAY_MONTH = new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?\\s+(?:of\\s+)?${MONTH}\\b(?:,?\\s+(\\d{4})\\b)?`, "gi");
const MONTH_DAY = new RegExp(`\\b${MONTH}\\s+(\\d{1,2})(?:st|nd|rd|th)?\\b(?:,?\\s+(\\d{4})\\b)?`, "gi");
const CLOCK = /(?<![\d.])(\d{1,2}):(\d{2})(?::\d{2})?(?:\s*([ap])\.?m\b\.?)?/gi;
const HOUR_ONLY = /\b(\d{1,2})\s*([ap])\.?m\b\.?/gi;
const WITH_UNIT = new RegExp(`([$€£])?\\s*${NUMBER}(?:\\s*(${UNIT})(?![\\p{L}\\d]))?`, "giu");
const WORD = new RegExp(`\\b(${WORDS.slice(2).join("|")})\\b`, "gi");
/** Between two parts of one duration, and between two numbers of which the second has the unit of both: "from 45 to 92 %". */
const JOINED = /^[\s,]*(?:and)?\s*$/i;
const RANGED = /^\s*(?:to|and|or|-|–)?\s*$/i;

/** All that a text says in numbers. Names with digits in them are to be taken out before. */
export function quantitiesIn(text: string): Quantity[] {
  const found: Quantity[] = [];
  let rest = text;
  const take = (pattern: RegExp, made: (groups: (string | undefined)[]) => Quantity[]) => {
    rest = rest.replace(pattern, (whole: string, ...more: unknown[]) => {
      found.push(...made(more.filter((one) => typeof one !== "object") as (string | undefined)[]));
      return " ".repeat(whole.length);
    });
  };
  take(ISO_DATE, ([year, month, day]) => [dayOf(Number(month), Number(day)), count(Number(year))]);
  take(DAY_MONTH, ([day, month, year]) => [dayOf(monthNumber(month), Number(day)), ...yearOf(year)]);
  take(MONTH_DAY, ([month, day, year]) => [dayOf(monthNumber(month), Number(day)), ...yearOf(year)]);
  take(CLOCK, ([hour, minute, half]) => [clock(Number(hour), Number(minute), half)]);
  take(HOUR_ONLY, ([hour, half]) => [clock(Number(hour), 0, half)]);
  found.push(...measured(rest));
  for (const [word] of text.matchAll(WORD)) found.push(count(WORDS.indexOf(word.toLowerCase())));
  return found;
}

/** Numbers with their units. Parts of one duration that stand beside each other are one: `3 d 4 h`. */
function measured(text: string): Quantity[] {
  const found: Quantity[] = [];
  let lastEnd = 0;
  let bare: ((unit: string) => Quantity) | null = null;
  for (const match of text.matchAll(WITH_UNIT)) {
    const [whole, sign, digits, decimals = "", unit] = match;
    const shown = Number(digits!.replace(/[^\d]/g, "") + decimals);
    const worth = 10 ** -Math.max(0, decimals.length - 1);
    const made = (of: string | undefined) => quantity(shown, worth, sign, of);
    const one = made(unit);
    const last = found.at(-1);
    const between = text.slice(lastEnd, match.index);
    const isPart = last?.kind === "duration" && one.kind === "duration" && one.slack < last.slack;
    if (unit !== undefined && bare && RANGED.test(between)) found[found.length - 1] = bare(unit);
    if (isPart && JOINED.test(between)) {
      found[found.length - 1] = { ...last, values: [last.values[0]! + one.values[0]!], slack: one.slack };
    } else found.push(one);
    bare = unit === undefined && sign === undefined ? made : null;
    lastEnd = match.index + whole.length;
  }
  return found;
}

function quantity(shown: number, worth: number, sign: string | undefined, unit: string | undefined): Quantity {
  const of = (kind: QuantityKind, ...sizes: number[]): Quantity => ({
    kind,
    values: sizes.map((size) => shown * size),
    slack: (Math.max(...sizes) * worth) / 2,
  });
  if (sign !== undefined) return of("money", 1);
  if (unit === undefined) return of("count", 1);
  const name = unit.toLowerCase();
  if (name === "%" || name.startsWith("per")) return of("percent", 1);
  const seconds = SECONDS.find(([pattern]) => pattern.test(name))?.[1];
  if (seconds !== undefined) return of("duration", seconds);
  const power = "kmgtp".indexOf(name[0]!) + 1;
  const isBinary = /^[kmgtp]ib/.test(name);
  const kind = /\/s$|bps$/.test(name) ? "rate" : "bytes";
  // 8 GB is often said of 8 GiB.
  return isBinary ? of(kind, 1024 ** power) : of(kind, 1000 ** power, 1024 ** power);
}

export function count(value: number): Quantity {
  return { kind: "count", values: [value], slack: 0.5 };
}

export function dayOf(month: number, day: number): Quantity {
  return { kind: "day", values: [month * 100 + day], slack: 0 };
}

function yearOf(year: string | undefined): Quantity[] {
  return year === undefined ? [] : [count(Number(year))];
}

function clock(hour: number, minute: number, half: string | undefined): Quantity {
  const isLate = half?.toLowerCase() === "p";
  const hours = half === undefined ? hour : (hour % 12) + (isLate ? 12 : 0);
  return { kind: "clock", values: [hours * 60 + minute], slack: 0 };
}

function monthNumber(name: string | undefined): number {
  return MONTHS.indexOf((name ?? "").slice(0, 3).toLowerCase()) + 1;
}
