import { metricOf, unitOf, type SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Machine, MachineHistory } from "../engine.ts";
import { nounOf } from "../words/metric-noun.ts";
import { countOf, namesInWords, possessive, sentence } from "../words/names.ts";
import { readingInWords, timesInWords } from "../words/quantity.ts";
import { recurringTimeInWords } from "../words/recurring-time.ts";
import { EvidenceList } from "./evidence-list.ts";
import type { Weighed } from "./few.ts";
import { recurringDaily, recurringWeekly, type Recurring } from "./recurring.ts";
import { bySeries, familyOf, isWorthTelling } from "./worth-telling.ts";

const HOUR: DurationMs = 3_600_000;
const DAY: DurationMs = 24 * HOUR;
/** A disk that fills a little every day, or memory, has no time of day that anybody would ask about. */
const NOT_LOOKED_AT = new Set(["filesystem_used_ratio", "filesystem_inodes_used_ratio"]);
/** Shorter than this it looks like a job, longer like what people do. */
const JOB_MS: DurationMs = 4 * HOUR;
const MANY = 3;
const EVIDENCE_SHOWN = 24;

interface Found {
  machine: Machine;
  metric: SeriesKey;
  recurring: Recurring;
}

/** One metric that comes back at one time: on one machine, or on several, in the order of their ids. */
type Row = Found[];

/** What comes back every day or week: several metrics at one time are one finding, of one machine or of the same several ones. */
export function patternFindings(histories: readonly MachineHistory[], now: EpochMs): Weighed[] {
  const all = histories.map(({ machine, hourly }) => recurringOf(machine, hourly));
  const groups = groupsOf(all.flat());
  const grouped = new Set(groups.flat());
  const alone = all.flatMap((found) => found.filter((one) => !grouped.has(one)).map((one): Row => [one]));
  const bySubjects = Map.groupBy([...groups, ...alone], (row) => row.map(({ machine }) => machine.id).join(" "));
  return [...bySubjects.values()].flatMap((rows) => atOneTime(rows).map((group) => finding(group, now)));
}

function recurringOf(machine: Machine, hourly: MachineHistory["hourly"]): Found[] {
  return [...hourly.keys()].sort(bySeries).flatMap((metric) => {
    if (NOT_LOOKED_AT.has(metricOf(metric))) return [];
    const series = hourly.get(metric)!;
    return [recurringDaily(series), recurringWeekly(series)].flatMap((recurring) =>
      recurring && isWorthTelling(metric, recurring.usual, recurring.value) ? [{ machine, metric, recurring }] : [],
    );
  });
}

function isAtOneTime(a: Recurring, b: Recurring): boolean {
  if (a.period !== b.period || a.isHigh !== b.isHigh) return false;
  const period = a.period === "day" ? DAY : 7 * DAY;
  const apart = Math.abs(a.from - b.from);
  const slack = Math.max(HOUR, Math.min(a.to - a.from, b.to - b.from) / 3);
  return Math.min(apart, period - apart) <= slack && Math.abs(a.to - a.from - (b.to - b.from)) <= 2 * slack;
}

/** Rows that go on at one time, the first of each as the product names its series. */
function atOneTime(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  for (const row of rows.toSorted((a, b) => bySeries(a[0]!.metric, b[0]!.metric))) {
    const known = groups.find(([first]) => isAtOneTime(first![0]!.recurring, row[0]!.recurring));
    if (known) known.push(row);
    else groups.push([row]);
  }
  return groups.map(leadersOfFamilies);
}

/** The same metric at the same time on three machines or more. */
function groupsOf(found: readonly Found[]): Row[] {
  const byMetric = Map.groupBy(found, ({ metric }) => metric);
  return [...byMetric.values()].flatMap((ofMetric) => {
    const groups: Row[] = [];
    for (const one of ofMetric.toSorted((a, b) => (a.machine.id < b.machine.id ? -1 : 1))) {
      const known = groups.find(([first]) => isAtOneTime(first!.recurring, one.recurring));
      if (known) known.push(one);
      else groups.push([one]);
    }
    return groups.filter(({ length }) => length >= MANY);
  });
}

function finding(rows: readonly Row[], now: EpochMs): Weighed {
  const [first] = rows as [Row];
  const [{ machine, metric, recurring }] = first as [Found];
  const evidence = new EvidenceList();
  const { period, from, to, isHigh } = recurring;
  const when = recurringTimeInWords(period, from, to);
  const isGroup = first.length > 1;
  const shown = Math.floor(EVIDENCE_SHOWN / rows.length);
  const claims = rows.map((row) => ({
    text: claimOf(row),
    evidence: [
      ...(isGroup ? [countedIn(evidence, row)] : []),
      ...row.slice(0, Math.max(1, shown)).map((one) => evidenceOf(evidence, one)),
    ],
  }));
  const metrics = rows.map(([one]) => one!.metric);
  const shares = rows.flat().map((one) => one.recurring.share);
  const share = shares.reduce((sum, each) => sum + each, 0) / shares.length;
  return {
    weight: share * contrastWeight(first[0]!) + (isGroup ? 1 : 0) + 0.1 * (rows.length - 1),
    finding: {
      key: isGroup
        ? `pattern ${period} group ${metric} ${isHigh ? "high" : "low"} ${machine.id}`
        : `pattern ${period} ${machine.id} ${metric}`,
      kind: "pattern",
      severity: "info",
      title: titleOf(first[0]!, namesInWords(first.map((one) => one.machine.name)), when, metrics),
      claims,
      actions: actionsFor(first[0]!, isGroup, metrics),
      subjects: first.map((one) => ({ id: one.machine.id, name: one.machine.name })),
      metrics,
      confidence: Math.min(0.99, share),
      basis: `The share of how it moves that the time of the ${period} explains, held against the same ${period}s turned by chance`,
      evidence: evidence.rows,
      chart: {
        subjects: first.slice(0, 8).map((one) => one.machine.id),
        metrics: metrics.slice(0, 4),
        from: now - (period === "day" ? 7 : 28) * DAY,
        to: now,
        limit: null,
        band: null,
        spans: [],
      },
      at: null,
      earliestAt: null,
      latestAt: null,
      monthlySaving: null,
      lastsMs: 3 * DAY,
    },
  };
}

/** Of a metric that goes on beside another one: when it does so itself, which may be an hour earlier or later. */
function claimOf(row: Row): string {
  const [one] = row as [Found];
  const { metric, machine, recurring } = one;
  const when = recurringTimeInWords(recurring.period, recurring.from, recurring.to);
  return row.length > 1
    ? `${sentence(when)}, ${nounOf(metric)} is ${recurring.isHigh ? "high" : "low"} on ${countOf(row.length, "instance")}, for example on ${machine.name}: ${contrast(one)}.`
    : `${sentence(when)}, ${nounOf(metric)} of ${machine.name} ${recurring.isHigh ? "reaches" : "goes down to"} ${contrast(one)}.`;
}

/** Load is told where the processor is not, one direction of traffic where the other says the same. */
function leadersOfFamilies(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(([one]) => {
    const family = familyOf(one!.metric);
    return !seen.has(family) && seen.add(family);
  });
}

function titleOf({ recurring, metric }: Found, ofWhom: string, when: string, metrics: readonly SeriesKey[]): string {
  const { isHigh, value, period } = recurring;
  const what = namesInWords(metrics.map(nounOf), 3);
  if (period === "week" && !isHigh && when === "on Saturdays and Sundays")
    return `${possessive(ofWhom)} weekends are quiet: ${what}`;
  const level = isHigh ? `up to ${readingInWords(metric, value)}` : `down to ${readingInWords(metric, value)}`;
  const times = timesTheUsual(recurring);
  return metrics.length === 1
    ? `${possessive(ofWhom)} ${what} goes ${level} ${when}${times === null ? "" : `, ${times} the usual`}`
    : `${possessive(ofWhom)} ${what} ${isHigh ? "rise" : "fall"} ${when}`;
}

function contrast({ metric, recurring }: Found): string {
  const said = readingInWords(metric, recurring.value);
  const rest = readingInWords(metric, recurring.usual);
  const times = timesTheUsual(recurring);
  return times !== null ? `${said}, ${times} the usual ${rest}` : `${said}; the rest of the time it is about ${rest}`;
}

/** Null where it is less than twice as much. */
function timesTheUsual({ value, usual, isHigh }: Recurring): string | null {
  return isHigh && usual > 0 && value / usual >= 2 ? timesInWords(value / usual) : null;
}

/** How far apart, 0 to 1: of ratios the difference, of rates how many times. */
function contrastWeight({ metric, recurring: { value, usual } }: Found): number {
  if (unitOf(metricOf(metric)) === "ratio") return Math.min(1, Math.abs(value - usual) * 1.5);
  const large = Math.max(Math.abs(value), Math.abs(usual));
  return large > 0 ? Math.min(1, Math.abs(value - usual) / large) * 0.7 : 0;
}

/** How many they are, for not each has a row of its own. */
function countedIn(evidence: EvidenceList, row: Row): string {
  const [{ metric, recurring }] = row as [Found];
  const when = recurringTimeInWords(recurring.period, recurring.from, recurring.to);
  const words = `${sentence(nounOf(metric))} is ${recurring.isHigh ? "high" : "low"} on ${countOf(row.length, "instance")} ${when} or at nearly the same time.`;
  return evidence.add(words, { metric });
}

function evidenceOf(evidence: EvidenceList, { machine, metric, recurring }: Found): string {
  const { value, usual, seen, periods, period, share } = recurring;
  const times = timesTheUsual(recurring);
  const when = recurringTimeInWords(period, recurring.from, recurring.to);
  const words = `${sentence(nounOf(metric))} of ${machine.name} was ${readingInWords(metric, value)} ${when}, else ${readingInWords(metric, usual)}${times === null ? "" : `, so ${times} the usual`}: seen in ${seen} of ${countOf(periods, period)}; the time of the ${period} explains ${Math.round(share * 100)} % of how it moves.`;
  return evidence.add(words, { machine, metric, value });
}

function actionsFor({ recurring }: Found, isGroup: boolean, metrics: readonly SeriesKey[]): string[] {
  const { period, from, to, isHigh } = recurring;
  if (!isHigh) return period === "week" ? ["Plan maintenance and heavy jobs for this quiet time."] : [];
  if (to - from <= JOB_MS) {
    const job = metrics.some((metric) => /^(disk|network)/.test(metric)) ? "a backup or another job" : "a job";
    return isGroup
      ? [`Start what runs then at different times on each of them, if they share a disk, a database or a network.`]
      : [`See which job runs then, probably ${job}, and move it if it gets in the way of others.`];
  }
  return [];
}
