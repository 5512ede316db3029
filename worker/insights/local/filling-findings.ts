import type { InsightSeverity } from "../../../contract/insight-kinds.ts";
import { metricOf, type SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Finding, Machine, MachineHistory } from "../engine.ts";
import { untilInWords } from "../words/duration.ts";
import { clockInWords, dayInWords, momentInWords } from "../words/moment.ts";
import { nounOf, vesselOf } from "../words/metric-noun.ts";
import { countOf, possessive, sentence } from "../words/names.ts";
import { bytesInWords, percentInWords, readingInWords } from "../words/quantity.ts";
import type { EvenSeries } from "./even-series.ts";
import { bandToLimit } from "./band-to-limit.ts";
import { EvidenceList } from "./evidence-list.ts";
import { isTimeToLimit, timeToLimit, type NoTimeToLimit, type TimeToLimit } from "./forecast/time-to-limit.ts";
import { changePerDay, growthHours, type GrowthHours } from "./growth-hours.ts";
import { byItsSlope } from "./steady-slope.ts";
import { bySeries } from "./worth-telling.ts";

const HOUR: DurationMs = 3_600_000;
const DAY: DurationMs = 24 * HOUR;
/** A quarter of a year: that long ahead larger disks are planned. */
const HORIZON_MS: DurationMs = 90 * DAY;
/** What fills up, and from which share on nothing more fits. Memory is never used to the last byte: before that, programs are ended. */
const LIMITS: Readonly<Record<string, number>> = {
  filesystem_used_ratio: 1,
  filesystem_inodes_used_ratio: 1,
  memory_used_ratio: 0.97,
};
/** What has been foretold worse than that is not told; and nobody is woken by what is hardly better. */
const CONFIDENCE_MIN = 0.15;
const CONFIDENCE_OF_CRITICAL = 0.4;
const PER_MACHINE_MAX = 3;
/** Why nothing is foretold by its past where it may have begun to fill since. What was tried and went wrong is not tried another way. */
const BEGUN_LATELY: readonly NoTimeToLimit["reason"][] = ["too-little-history", "not-growing", "beyond-horizon"];

/** What of a machine fills up within a quarter of a year. */
export function fillingFindings({ machine, hourly }: MachineHistory, now: EpochMs): Finding[] {
  return keysThatFill(hourly)
    .flatMap((key) => {
      const series = hourly.get(key)!;
      const limit = LIMITS[metricOf(key)]!;
      const asked = { limit, direction: "up", now, horizonMs: HORIZON_MS, range: { least: 0, most: 1 } } as const;
      const tried = timeToLimit(series, asked);
      const found = isTimeToLimit(tried)
        ? tried
        : BEGUN_LATELY.includes(tried.reason)
          ? byItsSlope(series, limit, now)
          : null;
      if (!found || found.at <= now || found.confidence < CONFIDENCE_MIN) return [];
      return [finding({ machine, key, series, limit, found }, now)];
    })
    .sort((a, b) => a.at! - b.at!)
    .slice(0, PER_MACHINE_MAX);
}

/** Where a machine tells of each of its filesystems, the worst of them is not told again. */
function keysThatFill(hourly: ReadonlyMap<SeriesKey, EvenSeries>): SeriesKey[] {
  const keys = [...hourly.keys()].filter((key) => Object.hasOwn(LIMITS, metricOf(key)));
  return keys.filter((key) => key.includes(":") || !keys.some((other) => other.startsWith(`${key}:`))).sort(bySeries);
}

interface Filling {
  machine: Machine;
  key: SeriesKey;
  series: EvenSeries;
  limit: number;
  found: TimeToLimit;
}

/** How soon it hurts: within a day, a week, later. */
export function severityOf(left: DurationMs, confidence: number): InsightSeverity {
  if (left < DAY) return confidence >= CONFIDENCE_OF_CRITICAL ? "critical" : "warning";
  return left < 7 * DAY ? "warning" : "info";
}

/** Its words say how long it is until then: they are written anew while that is about true, and at least daily. */
export function lastingUntil(left: DurationMs): DurationMs {
  return Math.min(2 * DAY, Math.max(6 * HOUR, left / 4));
}

function finding({ machine, key, series, limit, found }: Filling, now: EpochMs): Finding {
  const { at, fromAt, toAt, confidence, backTest } = found;
  const evidence = new EvidenceList();
  const current = series.values.findLast((value) => value === value)!;
  const noun = nounOf(key);
  const to = Math.max(at, Math.min(toAt ?? at, now + 2 * (at - now)));
  const reads = (value: number): string => readingInWords(key, value);
  const level = evidence.add(`${sentence(noun)} of ${machine.name} is ${reads(current)} now.`, {
    machine,
    metric: key,
    value: current,
    from: now - HOUR,
    to: now,
  });
  const pace = paceOf(evidence, { machine, key, series }, now);
  const interval =
    toAt === null
      ? `not before ${momentInWords(fromAt, now)}`
      : `between ${momentInWords(fromAt, now)} and ${momentInWords(toAt, now)}`;
  const until = evidence.add(
    `At its pace, ${noun} of ${machine.name} comes to ${reads(limit)} on ${momentInWords(at, now)}, ${interval} in 95 of 100 cases.`,
    { machine, metric: key, value: limit, from: fromAt, to: toAt ?? at },
  );
  const claims: Finding["claims"] = [
    {
      text: `${sentence(noun)} of ${machine.name} is ${reads(current)}, and comes to ${reads(limit)} about ${momentInWords(at, now)}: ${interval}.`,
      evidence: [level, until],
    },
  ];
  if (pace) claims.push({ text: pace.words, evidence: [pace.id] });
  const hours = growthHours(series);
  if (hours) claims.push(mostAt(evidence, machine, key, hours));
  if (backTest) {
    const words = `Tried from ${countOf(backTest.origins, "place")} of its own past, what was foretold was off by ${reads(backTest.error)} in the mean; that it stays as it is, by ${reads(backTest.errorOfNaive)}.`;
    claims.push({ text: words, evidence: [evidence.add(words, { machine, metric: key, value: backTest.error })] });
  }
  return {
    key: `prediction ${key} ${machine.id}`,
    kind: "prediction",
    severity: severityOf(at - now, confidence),
    title: titleOf(machine, key, untilInWords(at - now, fromAt - now, toAt === null ? null : toAt - now)),
    claims,
    actions: actionsFor(machine, key, found, hours, now),
    subjects: [{ id: machine.id, name: machine.name }],
    metrics: [key],
    confidence,
    basis: backTest
      ? "How narrow the interval is, and how well its own past would have been foretold"
      : "How narrow the interval of its slope is; what fills it is too new to be tried on its own past",
    evidence: evidence.rows,
    chart: {
      subjects: [machine.id],
      metrics: [key],
      from: now - Math.min(30 * DAY, Math.max(3 * DAY, 2 * (at - now))),
      to,
      limit,
      band: bandToLimit(found, { level: current, limit, from: now, to }),
      spans: [],
    },
    at,
    earliestAt: fromAt,
    latestAt: toAt,
    monthlySaving: null,
    lastsMs: lastingUntil(at - now),
  };
}

function titleOf(machine: Machine, key: SeriesKey, until: string): string {
  switch (metricOf(key)) {
    case "memory_used_ratio":
      return `${machine.name} will be out of memory ${until}`;
    case "filesystem_inodes_used_ratio":
      return `${possessive(machine.name)} ${vesselOf(key)} will have no inodes left ${until}`;
    default:
      return `${possessive(machine.name)} ${vesselOf(key)} will be full ${until}`;
  }
}

/** How much is added a day; in bytes where it is known of what it is the share. */
function paceOf(
  evidence: EvidenceList,
  { machine, key, series }: Pick<Filling, "machine" | "key" | "series">,
  now: EpochMs,
): { id: string; words: string } | null {
  const [week, day] = [changePerDay(series, 7, now), changePerDay(series, 1, now)];
  if (week <= 0 && day <= 0) return null;
  // A week's mean of what began the day before yesterday is nobody's pace.
  const isSteady = week > 0 && (day <= 0 || (day < 2 * week && week < 2 * day));
  const [days, perDay] = isSteady ? [7, week] : [1, day];
  const size =
    metricOf(key) === "memory_used_ratio"
      ? machine.memoryBytes
      : key === "filesystem_used_ratio"
        ? machine.diskBytes
        : null;
  const bytes = size === null ? "" : ` (about ${bytesInWords(perDay * size)})`;
  const words = `It has grown by ${percentInWords(perDay)}${bytes} a day over the last ${days === 1 ? "day" : `${days} days`}.`;
  const alone = `${sentence(nounOf(key))} of ${machine.name} has grown by ${percentInWords(perDay)}${bytes} a day over the last ${days === 1 ? "day" : `${days} days`}.`;
  return { words, id: evidence.add(alone, { machine, metric: key, value: perDay, from: now - days * DAY, to: now }) };
}

function mostAt(evidence: EvidenceList, machine: Machine, key: SeriesKey, { from, to, share, days }: GrowthHours) {
  const words = `${percentInWords(share)} of what is added comes between ${clockInWords(from)} and ${clockInWords(to)} UTC, seen on ${countOf(days, "day")} of the last 14.`;
  return {
    text: words,
    evidence: [evidence.add(`Of ${nounOf(key)} of ${machine.name}, ${words}`, { machine, metric: key, value: share })],
  };
}

function actionsFor(
  machine: Machine,
  key: SeriesKey,
  { at, fromAt }: TimeToLimit,
  hours: GrowthHours | null,
  now: EpochMs,
): string[] {
  // The early end of a wide interval is no date to work by.
  const due = fromAt - now >= (at - now) / 4 ? fromAt : at;
  const before = due - now < DAY ? "now" : `before ${dayInWords(due, now)}`;
  const cause = hours
    ? [
        `See what is written on ${machine.name} between ${clockInWords(hours.from)} and ${clockInWords(hours.to)} UTC: that is most of it.`,
      ]
    : [];
  switch (metricOf(key)) {
    case "memory_used_ratio":
      return [
        `Find the program on ${machine.name} that keeps growing, and restart it ${before}: \`ps aux --sort=-rss | head\`.`,
        ...cause,
      ];
    case "filesystem_inodes_used_ratio":
      return [`Clear small files on ${machine.name} ${before}: old sessions, caches, mail queues.`, ...cause];
    default:
      return [`Grow the ${vesselOf(key)} of ${machine.name} or clean it up ${before}.`, ...cause];
  }
}
