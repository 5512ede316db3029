import type { Evidence } from "../../../contract/insights.ts";
import { metricOf, unitOf } from "../../../contract/metric.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { count, dayOf, quantitiesIn, type Quantity } from "./quantities.ts";

/** Words that say how many without a digit; what the evidence says in the same word is fine. */
const MULTIPLES =
  /\b(twice|thrice|double[ds]?|doubling|tripled?|quadrupled?|halved?|half|dozens?|hundreds?|thousands?|millions?|[a-z]+fold)\b/gi;
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
/** Something with a digit in it, as one word; looked for from its beginning only, so that long words cost no more than short ones. */
const TOKEN = /(?<![\p{L}\p{N}_./:@#-])[\p{L}\p{N}_./:@#-]*\d[\p{L}\p{N}_./:@#-]*/gu;
/** A number with or without a unit, a date, a clock, a duration in one word, a range, an ordinal: anything else with a digit is a name. */
const NUMERIC =
  /^[-+]?(?:\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)?(?:%|ms|s|secs?|min|mins|h|hrs?|d|w|st|nd|rd|th|am|pm|[kmgtp]i?b(?:\/s|ps)?|b(?:\/s)?)?|(?:\d+(?:d|h|min|m|s))+|\d{4}-\d{2}-\d{2}(?:t\d{2}:\d{2}(?::\d{2})?z?)?|\d{1,2}:\d{2}(?::\d{2})?(?:-\d{1,2}:\d{2})?z?)$/i;

/**
 * Whether every number in a sentence occurs in the evidence that it names, within what its last digit is worth: in the same unit, or in
 * another that says the same (76 h is 3 d 4 h). How many pieces of evidence there are may be said too, and what `drafts` say: sentences
 * that arithmetic here has made of the same evidence. Names with digits in them, days of the week and words as "twice" must occur as they
 * are.
 */
export function areNumbersSupported(
  text: string,
  evidence: readonly Evidence[],
  drafts: readonly string[] = [],
): boolean {
  const known = textOf(evidence, drafts);
  const names = namesIn(evidence);
  const rest = withoutNames(text, names, known);
  if (rest === null) return false;
  for (const [word] of rest.matchAll(MULTIPLES)) if (!known.includes(word.toLowerCase())) return false;
  if (!areWeekdaysSupported(rest, known, evidence)) return false;
  const several = [evidence.length, new Set(evidence.map(({ subject }) => subject)).size].map(count);
  const drafted = drafts.flatMap((draft) => writtenIn(draft, names));
  const measured = [...evidence.flatMap(quantitiesOf), ...drafted, ...several];
  return quantitiesIn(spread(rest)).every((said) => measured.some((one) => isSame(said, one)));
}

/** Without names that have digits in them; null where one of them is in no evidence. */
function withoutNames(text: string, names: readonly string[], known: string): string | null {
  let rest = text;
  for (const name of names) rest = rest.replaceAll(name, " ");
  for (const [token] of rest.matchAll(TOKEN)) {
    const word = token.replace(/^[./:@#-]+(?=\D)|[./:@#-]+$/g, "");
    if (NUMERIC.test(word)) continue;
    if (!known.includes(word.toLowerCase())) return null;
    rest = rest.replace(token, " ");
  }
  return rest;
}

function isSame(said: Quantity, measured: Quantity): boolean {
  if (said.kind !== measured.kind) return false;
  // Our own words mean what a unit says; a model may mean either.
  const [other = Number.NaN] = measured.values;
  const reach = said.slack + 1e-9 + Math.abs(other) * 1e-12;
  return said.values.some((value) => Math.abs(value - other) <= reach);
}

/** Ranges and durations in one word, taken apart: `5-10 %`, `3d4h`. Dates keep their hyphens. */
function spread(text: string): string {
  return text
    .replace(/(?<![\d-])(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)(?![\d-])/g, "$1 $2")
    .replace(/(?<=\d)-(?=\d{1,2}:\d{2})/g, " ")
    .replace(/(?<=\d)(d|h|min|m)(?=\d)/gi, (_all, unit: string) => ` ${unit === "m" ? "min" : unit} `);
}

function quantitiesOf({ words, name, metric, value, from, to }: Evidence): Quantity[] {
  return [
    ...writtenIn(words, name === null ? [] : [name]),
    ...(value === null ? [] : valueOf(value, metric)),
    ...(from === null ? [] : momentOf(from)),
    ...(to === null ? [] : momentOf(to)),
    ...(from !== null && to !== null && to > from ? [exact("duration", (to - from) / 1_000)] : []),
  ];
}

/** What a sentence of ours says in numbers. */
function writtenIn(words: string, names: readonly string[]): Quantity[] {
  const plain = names.reduce((rest, name) => rest.replaceAll(name, " "), words);
  return quantitiesIn(plain.replace(TOKEN, (token) => (NUMERIC.test(token.replace(/[./:@#-]+$/, "")) ? token : " ")));
}

function valueOf(value: number, metric: string | null): Quantity[] {
  const size = Math.abs(value);
  switch (metric === null ? "count" : unitOf(metricOf(metric))) {
    case "ratio":
      return [exact("percent", size * 100)];
    case "bytes":
      return [exact("bytes", size)];
    case "bytes/s":
      return [exact("rate", size)];
    case "seconds":
      return [exact("duration", size)];
    default:
      return [exact("count", size)];
  }
}

function exact(kind: Quantity["kind"], value: number): Quantity {
  return { kind, values: [value], slack: 0 };
}

function momentOf(at: EpochMs): Quantity[] {
  const date = new Date(at);
  return [
    dayOf(date.getUTCMonth() + 1, date.getUTCDate()),
    exact("clock", date.getUTCHours() * 60 + date.getUTCMinutes()),
    count(date.getUTCFullYear()),
  ];
}

function areWeekdaysSupported(text: string, known: string, evidence: readonly Evidence[]): boolean {
  const days = WEEKDAYS.filter((day) => new RegExp(`\\b${day}s?\\b`, "i").test(text));
  const moments = evidence.flatMap(({ from, to }) => [from, to]).filter((at) => at !== null);
  const heard = new Set(moments.map((at) => WEEKDAYS[new Date(at).getUTCDay()]));
  return days.every((day) => known.includes(day) || heard.has(day));
}

/** All that is written in evidence, in lower case. */
function textOf(evidence: readonly Evidence[], drafts: readonly string[]): string {
  const written = evidence.flatMap(({ words, name, metric, subject }) => [words, name, metric, subject]);
  return [...written, ...drafts].join("\n").toLowerCase();
}

/** The longest first: one may be the beginning of another. A name of digits alone stays, as it may be a number elsewhere. */
function namesIn(evidence: readonly Evidence[]): string[] {
  const names = evidence.flatMap(({ name, metric }) => [name, metric]).filter((name) => name !== null);
  return [...new Set(names)].filter((name) => /\D/.test(name)).sort((a, b) => b.length - a.length);
}
