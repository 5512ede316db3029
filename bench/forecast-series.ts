import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { METRICS, type MetricDefinition } from "../contract/metric.ts";
import { UNIT_RANGE, type DurationMs } from "../contract/units.ts";
import type { EvenSeries } from "../worker/insights/local/even-series.ts";
import type { Range } from "../worker/insights/local/forecast/range.ts";
import { median } from "./figures.ts";
import { readRecording } from "./recording.ts";

/** A series that is foretold from places of itself. */
export interface Subject {
  group: string;
  name: string;
  series: EvenSeries;
  range?: Range;
  /** How far ahead, and how much must have been heard before the first time. */
  horizonSteps: number;
  historySteps: number;
  origins: number;
}

const MINUTE_MS: DurationMs = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Steps that collectors usually have; the one nearest to what is in a file is taken. */
const STEPS = [1, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE_MS);

/** Ten minutes, of two hours. */
const RECORDED_HORIZON = 20;
const RECORDED_HISTORY = 96;
/** A day, never more than a sixth of the series; after three days or two fifths of it. */
const HORIZON_SHARE = 6;
const HISTORY_DAYS = 3;
const HISTORY_SHARE = 0.4;
const FILE_ORIGINS = 12;

/** Of each agent of the recording the whole machine's metrics that history keeps, and that changed. */
export function recordedSubjects(): Subject[] {
  const { agents, intervalMs } = readRecording();
  const definitions: Partial<Record<string, MetricDefinition>> = METRICS;
  return agents.flatMap(({ at, series }, agent) => {
    return Object.entries(series).flatMap(([key, column]): Subject[] => {
      const metric = definitions[key];
      if (!metric || metric.isCounter || metric.isRawOnly) return [];
      const values = column.map((value) => value ?? Number.NaN);
      const even = evenly(at, values, intervalMs);
      if (new Set(values).size < 3) return [];
      const [least, most] = UNIT_RANGE[metric.unit];
      const origins = even.values.length - RECORDED_HORIZON - RECORDED_HISTORY + 1;
      const asked = { horizonSteps: RECORDED_HORIZON, historySteps: RECORDED_HISTORY, origins };
      return [{ group: "agent", name: `${agent} ${key}`, series: even, range: { least, most }, ...asked }];
    });
  });
}

/** Every CSV file of `timestamp,value` below the folder, as it is and by the hour; what somebody made up ("artificial…") is left out. */
export function subjectsIn(folder: string): Subject[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return files
    .filter((file) => file.endsWith(".csv") && !file.includes("artificial"))
    .flatMap((file) => {
      const path = join(folder, file);
      const rows = readFileSync(path, "utf8").trim().split("\n").slice(1);
      const cells = rows.map((row) => row.split(",") as [string, string]);
      const at = cells.map(([time]) => Date.parse(`${time.replace(" ", "T")}Z`));
      const series = evenly(at, cells.map(([, value]) => Number(value)), stepOf(at)); // prettier-ignore
      const name = relative(folder, path).replace(/\.csv$/, "");
      const group = name.split("/").slice(0, -1).join("/") || "files";
      const whole: Subject = { group, name, series, ...askedOf(series) };
      if (series.stepMs >= HOUR_MS) return [whole];
      const hourly = byTheHour(series);
      return [whole, { group: `${group} 1h`, name: `${name} 1h`, series: hourly, ...askedOf(hourly) }];
    });
}

function askedOf({ values, stepMs }: EvenSeries) {
  const day = DAY_MS / stepMs;
  const horizonSteps = Math.min(day, Math.floor(values.length / HORIZON_SHARE));
  const historySteps = Math.max(HISTORY_DAYS * day, Math.floor(values.length * HISTORY_SHARE));
  return { horizonSteps, historySteps, origins: FILE_ORIGINS };
}

function stepOf(at: readonly number[]): DurationMs {
  const usual = median(at.slice(1).map((time, index) => time - at[index]!));
  const apart = (step: number) => Math.abs(Math.log(step / usual));
  return STEPS.reduce((nearest, step) => (apart(step) < apart(nearest) ? step : nearest));
}

/** The mean of what was heard in each step. */
function evenly(at: readonly number[], values: readonly number[], stepMs: DurationMs): EvenSeries {
  const from = at[0]! - stepMs / 4;
  const length = Math.floor((at.at(-1)! - from) / stepMs) + 1;
  const sums = new Float64Array(length);
  const counts = new Float64Array(length);
  at.forEach((time, index) => {
    const place = Math.floor((time - from) / stepMs);
    if (place < 0 || place >= length || Number.isNaN(values[index]!)) return;
    sums[place]! += values[index]!;
    counts[place]!++;
  });
  return { from, stepMs, values: sums.map((sum, place) => sum / counts[place]!) };
}

function byTheHour({ from, stepMs, values }: EvenSeries): EvenSeries {
  const each = HOUR_MS / stepMs;
  const hours = Float64Array.from({ length: Math.floor(values.length / each) }, (_, hour) => {
    const heard = values.slice(hour * each, (hour + 1) * each).filter((value) => !Number.isNaN(value));
    return heard.reduce((sum, value) => sum + value, 0) / heard.length;
  });
  return { from, stepMs: HOUR_MS, values: hours };
}
