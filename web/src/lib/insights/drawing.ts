import type { AnomalySpan, Band, InsightChart } from "../../../../contract/insights.ts";
import { metricOf, unitOf } from "../../../../contract/metric.ts";
import type { EpochMs, Unit } from "../../../../contract/units.ts";
import { bandEnd, foretoldAt } from "../chart/band.ts";
import type { EvidenceLine } from "./chart-source.ts";

/** Where a chart of some size has its plot, in pixels. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Drawing {
  from: EpochMs;
  to: EpochMs;
  /** The value that reaches the top; null where each line has its own scale. */
  top: number | null;
  /** Null where the lines are of several units. */
  unit: Unit | null;
  /** In the order of the lines. */
  lines: string[];
  band: { area: string; middle: string } | null;
  /** All the times that stood out, as one shape: where two of them overlap they are no darker. */
  shade: string;
  spans: {
    x: number;
    width: number;
    peak: { x: number; y: number } | null;
    /** Where its readings usually are at that time; null too where it would be one of many. */
    usual: { y: number; height: number } | null;
  }[];
  limitY: number | null;
  /** Where the readings end and what is foretold begins; null where nothing is foretold. */
  nowX: number | null;
  xOf: (at: EpochMs) => number;
  /** Of a value on the scale of the line; of the first where no line is named. */
  yOf: (value: number, line?: number) => number;
}

/** A limit so far above everything would press it flat. */
const LIMIT_WITHIN = 4;
/** A band that widens without end may not press the readings flat either. */
const BAND_WITHIN = 1.8;
const HEADROOM = 1.06;
/** Less of the window ahead of now is nothing to be marked. */
const AHEAD_LEAST = 0.02;
const LEAST_SPAN: Partial<Record<Unit, number>> = { ratio: 0.02, bytes: 1024, "bytes/s": 1000, seconds: 0.001 };
/** Readings further apart than this many steps have a gap between them. */
const PAUSE_STEPS = 4;
/** A span is never too thin to be seen. */
const SPAN_WIDTH_MIN = 3;

/** The window drawn: that of the chart; where it ends before its band begins, all of the band too. */
export function windowOf({ from, to, band }: Pick<InsightChart, "from" | "to" | "band">): [EpochMs, EpochMs] {
  return [from, band && to <= band.from ? Math.max(to, bandEnd(band)) : to];
}

/** The paths of a chart: the readings, the interval they lead into, what stood out, the limit. */
export function drawingOf(
  chart: InsightChart,
  lines: readonly EvidenceLine[],
  { width, left, right, top: above, height, bottom }: Frame,
  now: EpochMs,
): Drawing {
  const [from, to] = windowOf(chart);
  const units = new Set(lines.map(({ metric }) => unitOf(metricOf(metric))));
  const unit = units.size === 1 ? [...units][0]! : units.size === 0 ? unitOf(metricOf(chart.metrics[0]!)) : null;
  // A peak is of single readings, of which a line may show the means.
  const tops = lines.map(({ metric, values }) => {
    const peaks = chart.spans.flatMap((span) => (span.metric === metric ? [span.value] : []));
    return Math.max(0, ...peaks, ...values.map((value) => value ?? 0));
  });
  const shared = unit === null ? null : topOf(chart, to, unit, Math.max(0, ...tops));
  const plotHeight = height - above - bottom;
  const xOf = (at: EpochMs) => round(left + ((at - from) / Math.max(1, to - from)) * (width - left - right));
  const yOf = (value: number, line = 0) => {
    const scale = shared ?? ((tops[line] ?? 0) * HEADROOM || 1);
    return round(above + plotHeight * (1 - Math.min(1, Math.max(0, value / scale))));
  };
  const pointsOf = ({ at, values }: Pick<EvidenceLine, "at" | "values">, line?: number) =>
    strokesOf(at, values, pauseOf(at)).map((stroke) => stroke.map(([time, value]) => [xOf(time), yOf(value, line)]));
  const base = height - bottom;
  const spans = chart.spans.map((span) => {
    const [x, end] = [xOf(Math.max(from, span.from)), xOf(Math.min(to, span.to))];
    const spanWidth = Math.max(SPAN_WIDTH_MIN, end - x);
    const line = lines.findIndex(({ metric }) => metric === span.metric);
    const isIn = line >= 0 && span.peakAt >= from && span.peakAt <= to;
    return {
      x: round(Math.min(x, width - right - spanWidth)),
      width: round(spanWidth),
      peak: isIn ? { x: xOf(span.peakAt), y: yOf(span.value, line) } : null,
      usual: line >= 0 && lines.length === 1 ? usualOf(span, (value) => yOf(value, line)) : null,
    };
  });
  return {
    from,
    to,
    top: shared,
    unit,
    lines: lines.map((line, index) => pathOf(pointsOf(line, index))),
    band: chart.band && shared !== null ? bandPaths(chart.band, to, xOf, yOf) : null,
    spans,
    shade: spans.map(({ x, width: wide }) => `M${x} ${above}h${wide}V${base}h${-wide}Z`).join(""),
    limitY: chart.limit !== null && shared !== null && chart.limit <= shared ? Math.min(base, yOf(chart.limit)) : null,
    nowX: to - now > (to - from) * AHEAD_LEAST && now > from ? xOf(now) : null,
    xOf,
    yOf,
  };
}

function usualOf({ usualLow, usualHigh }: AnomalySpan, yOf: (value: number) => number) {
  if (usualLow === null || usualHigh === null) return null;
  const y = yOf(usualHigh);
  return { y, height: round(Math.max(1, yOf(usualLow) - y)) };
}

function topOf({ limit, band: whole }: InsightChart, to: EpochMs, unit: Unit, measured: number): number {
  const band = whole && bandUpTo(whole, to);
  const within = Math.max(measured, limit !== null && limit <= measured * LIMIT_WITHIN ? limit : 0);
  const foretold = band ? Math.max(0, ...band.middle.map((value) => value ?? 0)) : 0;
  const widest = band ? Math.max(0, ...band.upper.map((value) => value ?? 0)) : 0;
  const most = Math.max(within, foretold, Math.min(widest, Math.max(within, foretold) * BAND_WITHIN));
  return niceTop(Math.max(most, LEAST_SPAN[unit] ?? 1), unit);
}

const DAY_SECONDS = 86_400;
const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next value above that reads well on an axis, and its half too; a share of a whole never goes beyond it. */
export function niceTop(most: number, unit: Unit): number {
  const room = most * HEADROOM;
  if (unit === "ratio")
    return ROUND.map((step) => step / 10).find((step) => step >= Math.min(1, room)) ?? scaled(room, 1);
  if (unit === "bytes") return scaled(room, 1024 ** Math.max(0, Math.floor(Math.log2(room) / 10)));
  if (unit === "seconds" && room > 2 * DAY_SECONDS) return scaled(room, DAY_SECONDS);
  return scaled(room, 1);
}

function scaled(value: number, base: number): number {
  const share = value / base;
  const power = 10 ** Math.floor(Math.log10(share));
  return base * power * (ROUND.find((step) => step * power >= share * (1 - 1e-9)) ?? 10);
}

/** Runs of readings without a gap. */
function strokesOf(at: readonly EpochMs[], values: readonly (number | null)[], pauseMs: number): [EpochMs, number][][] {
  const strokes: [EpochMs, number][][] = [];
  let stroke: [EpochMs, number][] | null = null;
  for (let index = 0; index < at.length; index += 1) {
    const value = values[index];
    if (value === null || value === undefined) {
      stroke = null;
      continue;
    }
    const last = stroke?.at(-1);
    if (!stroke || (last && at[index]! - last[0] > pauseMs)) strokes.push((stroke = []));
    stroke.push([at[index]!, value]);
  }
  return strokes;
}

/** How long nothing may come before it is a gap: some of the usual steps between readings. */
function pauseOf(at: readonly EpochMs[]): number {
  if (at.length < 3) return Infinity;
  const steps = at.slice(1).map((time, index) => time - at[index]!);
  return PAUSE_STEPS * steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]!;
}

function pathOf(strokes: readonly number[][][]): string {
  return strokes
    .map((points) => {
      // A lone point would be invisible as a line.
      const [first] = points;
      const shown = points.length === 1 ? [first!, [first![0]! + 1, first![1]!]] : points;
      return `M${shown.map(([x, y]) => `${x} ${y}`).join("L")}`;
    })
    .join("");
}

function bandPaths(
  band: Band,
  to: EpochMs,
  xOf: (at: EpochMs) => number,
  yOf: (value: number) => number,
): { area: string; middle: string } {
  const { at, middle, lower, upper } = bandUpTo(band, to);
  const points = (values: readonly (number | null)[]) =>
    strokesOf(at, values, Infinity).map((stroke) => stroke.map(([time, value]) => [xOf(time), yOf(value)]));
  const outline = [...points(upper).flat(), ...points(lower).flat().reverse()];
  return {
    area: outline.length < 3 ? "" : `M${outline.map(([x, y]) => `${x} ${y}`).join("L")}Z`,
    middle: pathOf(points(middle)),
  };
}

/** The steps of a band up to a moment, which is the last of them. */
function bandUpTo(band: Band, to: EpochMs) {
  const count = band.middle.filter((_, index) => band.from + index * band.stepMs <= to).length;
  const end = foretoldAt(band, to);
  const cut = (values: readonly (number | null)[], last: number | undefined) => [
    ...values.slice(0, count),
    ...(last === undefined ? [] : [last]),
  ];
  const at = Array.from({ length: count }, (_, index) => band.from + index * band.stepMs);
  return {
    at: end ? [...at, to] : at,
    middle: cut(band.middle, end?.middle),
    lower: cut(band.lower, end?.lower),
    upper: cut(band.upper, end?.upper),
  };
}

/** The reading nearest to a moment, of those that are; null where the line has none within reach. */
export function readingAt({ at, values }: Pick<EvidenceLine, "at" | "values">, time: EpochMs): number | null {
  let best = -1;
  for (let index = 0; index < at.length; index += 1) {
    if (values[index] === null || values[index] === undefined) continue;
    if (best < 0 || Math.abs(at[index]! - time) < Math.abs(at[best]! - time)) best = index;
  }
  if (best < 0 || Math.abs(at[best]! - time) > pauseOf(at)) return null;
  return values[best] ?? null;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
