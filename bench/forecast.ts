import { foretell, isOutlook } from "../worker/insights/local/forecast/outlook.ts";
import { linear, naive, seasonalNaive, seasonsOf } from "../worker/insights/local/forecast/naive.ts";
import { timeToLimit } from "../worker/insights/local/forecast/time-to-limit.ts";
import { median, quantile, round } from "./figures.ts";
import { recordedSubjects, subjectsIn, type Subject } from "./forecast-series.ts";

/** Mean distances over all that was foretold of one series, and how it went with its intervals. */
interface Score {
  subject: Subject;
  own: number;
  naive: number;
  seasonal: number;
  linear: number;
  coverage: number;
  refused: number;
}

/** A ratio of one series counts no more than this, either way: a baseline that errs hardly at all would outweigh all others. */
const RATIO_MAX = 10;
const HOUR_MS = 3_600_000;
const COST_STEPS = 1_440;
const COST_HORIZON = 168;
const COST_ROUNDS = 3;

/** How near forecasts come, and how many readings their intervals hold: series foretold from places of themselves, each time from scratch. */
export async function forecast(): Promise<Record<string, number>> {
  const folder = process.argv[3];
  const recorded = scoresOf(recordedSubjects());
  const stored = folder === undefined ? [] : scoresOf(subjectsIn(folder));
  if (folder === undefined) console.error("No folder of CSV files was named: only what agents recorded is looked at.");
  for (const score of [...recorded.filter(({ subject }) => subject.name.startsWith("0 ")), ...stored]) say(score);
  const groups = new Map<string, Score[]>();
  for (const score of [...recorded, ...stored]) {
    groups.set(score.subject.group, [...(groups.get(score.subject.group) ?? []), score]);
  }
  for (const [group, scores] of groups) console.error(`${group.padEnd(44)} ${summary(scores)}`);
  if (folder !== undefined) console.error(`${"all files".padEnd(44)} ${summary(stored)}`);
  const cost = costOf();
  console.error(
    `60 days by the hour, ${COST_HORIZON} h ahead: ${cost.outlook.toFixed(2)} ms a series (median), ${cost.outlook90.toFixed(2)} (p90); until a limit: ${cost.limit.toFixed(2)} ms`,
  );
  const ofAgent = figuresOf(recorded);
  const headline = stored.length > 0 ? stored : recorded;
  return {
    ...figuresOf(headline),
    agentCoverage95: ofAgent.coverage95,
    agentErrorVsNaive: ofAgent.errorVsNaive,
    agentErrorVsSeasonalNaive: ofAgent.errorVsSeasonalNaive,
    agentErrorVsLinear: ofAgent.errorVsLinear,
    series: headline.length,
    outlookMs: round(cost.outlook, 2),
    timeToLimitMs: round(cost.limit, 2),
  };
}

function scoresOf(subjects: readonly Subject[]): Score[] {
  return subjects.flatMap((subject) => {
    const score = scoreOf(subject);
    const isTold = score.own >= 0 && score.naive > 0 && score.seasonal > 0 && score.linear > 0;
    if (!isTold)
      console.error(`${subject.name}: left out, a guess without thinking makes no error or nothing was foretold`);
    return isTold ? [score] : [];
  });
}

/** A season is a day where the history has two of them; else there is none, and a season ago is the last reading. */
function scoreOf(subject: Subject): Score {
  const { series, horizonSteps, range } = subject;
  const { values, stepMs } = series;
  const sums = { own: 0, naive: 0, seasonal: 0, linear: 0 };
  let [count, within, refused] = [0, 0, 0];
  for (const place of placesOf(subject)) {
    const known = { ...series, values: values.slice(0, place) };
    const outlook = foretell(known, { horizonSteps, ...(range && { range }) });
    if (!isOutlook(outlook)) {
      refused++;
      continue;
    }
    const [plain, seasonal, line] = [0, 0, 0].map(() => new Float64Array(horizonSteps)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    naive(values, place, plain);
    seasonalNaive(values, place, seasonsOf(place, stepMs).day ?? 1, seasonal);
    linear(values, place, line);
    outlook.middle.forEach((middle, step) => {
      const came = values[place + step]!;
      if (Number.isNaN(came)) return;
      count++;
      sums.own += Math.abs(came - middle);
      sums.naive += Math.abs(came - plain[step]!);
      sums.seasonal += Math.abs(came - seasonal[step]!);
      sums.linear += Math.abs(came - line[step]!);
      if (came >= outlook.lower[step]! && came <= outlook.upper[step]!) within++;
    });
  }
  const { own, naive: plain, seasonal, linear: line } = sums;
  return { subject, own: own / count, naive: plain / count, seasonal: seasonal / count, linear: line / count, coverage: within / count, refused }; // prettier-ignore
}

function placesOf({ series, horizonSteps, historySteps, origins }: Subject): Set<number> {
  const last = series.values.length - horizonSteps;
  const count = Math.min(origins, last - historySteps + 1);
  return new Set(
    Array.from({ length: Math.max(0, count) }, (_, turn) => {
      return Math.round(historySteps + ((last - historySteps) * turn) / Math.max(1, count - 1));
    }),
  );
}

/** The geometric mean of the series' ratios of mean distances (Davydenko and Fildes, 2013): no unit and no single series decides. */
function figuresOf(scores: readonly Score[]) {
  const ratio = (of: (score: Score) => number) => {
    const logs = scores.map((score) => Math.log(Math.max(1 / RATIO_MAX, Math.min(RATIO_MAX, score.own / of(score)))));
    return round(Math.exp(mean(logs)), 3);
  };
  return {
    coverage95: round(mean(scores.map(({ coverage }) => coverage)), 3),
    errorVsNaive: ratio((score) => score.naive),
    errorVsSeasonalNaive: ratio((score) => score.seasonal),
    errorVsLinear: ratio((score) => score.linear),
  };
}

function mean(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}

function summary(scores: readonly Score[]): string {
  const figures = figuresOf(scores);
  const refused = scores.reduce((sum, score) => sum + score.refused, 0);
  const tried = scores.reduce((sum, { subject }) => sum + placesOf(subject).size, 0);
  return `${line(figures)}, ${scores.length} series, worst coverage ${Math.min(...scores.map(({ coverage }) => coverage)).toFixed(2)}, ${refused} of ${tried} refused`;
}

function say({ subject, own, naive: plain, seasonal, linear: straight, coverage }: Score): void {
  const figures = { coverage95: coverage, errorVsNaive: own / plain, errorVsSeasonalNaive: own / seasonal, errorVsLinear: own / straight }; // prettier-ignore
  console.error(`${subject.name.padEnd(54)} ${line(figures)}`);
}

function line(figures: ReturnType<typeof figuresOf>): string {
  const { coverage95, errorVsNaive, errorVsSeasonalNaive, errorVsLinear } = figures;
  return `naive ${errorVsNaive.toFixed(2)}, seasonal ${errorVsSeasonalNaive.toFixed(2)}, linear ${errorVsLinear.toFixed(2)}, within ${coverage95.toFixed(3)}`;
}

/** What an agent recorded, again and again, taken for hourly values: what it costs hardly depends on what they are. */
function costOf(): { outlook: number; outlook90: number; limit: number } {
  const outlooks: number[] = [];
  const limits: number[] = [];
  for (let round = 0; round <= COST_ROUNDS; round++) {
    for (const { name, series } of recordedSubjects()) {
      if (!name.startsWith("0 ")) continue;
      const heard = series.values.filter((value) => !Number.isNaN(value));
      const values = Float64Array.from({ length: COST_STEPS }, (_, place) => heard[place % heard.length]!);
      const hourly = { from: 0, stepMs: HOUR_MS, values };
      const began = performance.now();
      foretell(hourly, { horizonSteps: COST_HORIZON });
      const told = performance.now();
      const now = COST_STEPS * HOUR_MS;
      timeToLimit(hourly, { limit: 2 * Math.max(...heard), direction: "up", now, horizonMs: 1.5 * now });
      if (round === 0) continue;
      outlooks.push(told - began);
      limits.push(performance.now() - told);
    }
  }
  return { outlook: median(outlooks), outlook90: quantile(outlooks, 0.9), limit: median(limits) };
}
