import { newDetector, scoreNext } from "../worker/insights/local/anomaly/detector.ts";
import { ANOMALY_SCORE_FROM } from "../worker/insights/local/anomaly/spans.ts";
import { NAB_PROFILES, nabAt, nabScore, type NabSeries } from "./anomaly-nab.ts";
import { anomalyOptions, readSeries, writeScores, type LabelledSeries } from "./anomaly-series.ts";
import { median, round } from "./figures.ts";

const ROUNDS = 9;
const WARM_UP_ROUNDS = 2;

/** How well the detector of the local engine does on labelled series, by the rules of the Numenta benchmark, and how fast it is. */
export async function anomaly(): Promise<Record<string, number>> {
  const options = anomalyOptions(process.argv.slice(3));
  const series = readSeries(options);
  const scored = series.map((one): NabSeries => ({ file: one.file, scores: scoresOf(one), windows: one.windows }));
  if (options.scores !== null) series.forEach((one, index) => writeScores(options.scores!, one, scored[index]!.scores));

  sayWhatWasFound(scored);
  const figures: Record<string, number> = {};
  for (const profile of NAB_PROFILES) {
    const { score, threshold } = nabScore(scored, profile);
    console.error(`${profile.padEnd(12)} ${score.toFixed(2)} at its best threshold, ${threshold.toFixed(4)}`);
    figures[profile] = round(score, 2);
  }
  const seconds = secondsOfRounds(series);
  const readings = series.reduce((sum, { values }) => sum + values.length, 0);
  console.error(`${Math.round(readings / seconds)} readings a second, ${readings} readings in ${series.length} series`);
  return { ...figures, seriesPerSecond: round(series.length / seconds, 1) };
}

/** One pass, each reading scored before the next is looked at. */
function scoresOf({ at, values }: LabelledSeries): Float64Array {
  const detector = newDetector();
  return values.map((value, row) => scoreNext(detector, at[row]!, value));
}

/** At the product's own threshold, each file and each category. */
function sayWhatWasFound(scored: readonly NabSeries[]): void {
  console.error(
    `from a score of ${ANOMALY_SCORE_FROM}: windows found, false alarms, and what it is worth of what it could be`,
  );
  for (const one of scored) say(one.file, [one]);
  const categories = Map.groupBy(scored, ({ file }) => file.split("/")[0]!);
  for (const [category, ones] of categories) say(category, ones);
  say("all", scored);
}

function say(what: string, scored: readonly NabSeries[]): void {
  const { found, windows, false: falseRows, worth } = nabAt(scored, ANOMALY_SCORE_FROM);
  console.error(
    `${what.padEnd(60)} ${found}/${windows}  ${String(falseRows).padStart(3)}  ${worth.toFixed(2)} of ${2 * windows}`,
  );
}

function secondsOfRounds(series: readonly LabelledSeries[]): number {
  const seconds: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const began = performance.now();
    series.forEach(scoresOf);
    if (round >= WARM_UP_ROUNDS) seconds.push((performance.now() - began) / 1_000);
  }
  return median(seconds);
}
