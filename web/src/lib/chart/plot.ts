import uPlot from "uplot";
import type { AnomalySpan } from "../../../../contract/insights.ts";
import type { Unit } from "../../../../contract/units.ts";
import { formatQuantity } from "../format/quantity.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { colourName, dashOf } from "./colours.ts";
import { type ChartData, stacked } from "./columns.ts";
import { drawAhead, drawSpans } from "./draw-overlay.ts";
import { bandTop, type LineBand } from "./overlay.ts";
import type { TimeRange } from "./sync.svelte.ts";
import { timeLabels } from "./time-labels.ts";

/** Everything that speaks uPlot's language. One chart: lines (or a stack), their bands, one y axis. */

/** More lines than this, and their bands would hide each other. */
const BANDED_LINES_MAX = 4;
/** So near must the cursor come to a line that the others step back. */
const FOCUS_WITHIN_PX = 24;
/** What a label beside a line needs. */
const LABEL_HEIGHT = 14;
/** The least a scale spans: below it a quiet metric's noise would fill the chart, and its marks would all read alike. */
const SPAN_MIN: Partial<Record<Unit, number>> = { ratio: 0.01, bytes: 1024, "bytes/s": 1000, seconds: 0.001 };
// Round in binary, as sizes are: 256 MiB, 512 MiB, 1 GiB, not 500 MiB.
const BINARY_STEPS = Array.from({ length: 60 }, (_, power) => 2 ** power);

export interface PlotEvents {
  /** The row under the cursor, and the moment; both null where the cursor is elsewhere. */
  cursor(row: number | null, at: number | null): void;
  select(range: TimeRange): void;
  reset(): void;
  /** The line nearest to the cursor. Only where it is listened to do the others step back. */
  focus?(line: number | null): void;
}

/** What is drawn over the lines: where they lead, and what stood out in them. */
export interface PlotMarks {
  bands: readonly LineBand[];
  spans: readonly AnomalySpan[];
}
export const NO_MARKS: PlotMarks = { bands: [], spans: [] };

function hasBands(spec: ChartSpec): boolean {
  return !spec.isStacked && !spec.isBandless && spec.lines.length <= BANDED_LINES_MAX;
}

/** The data in the order of the plot's series. */
export function plotDataOf(spec: ChartSpec, data: ChartData): uPlot.AlignedData {
  // Drawn from the highest down, each covering the part that belongs to those below it.
  if (spec.isStacked) return [data.at, ...stacked(data.lines).reverse()] as uPlot.AlignedData;
  const bands = hasBands(spec) ? data.lines.flatMap(({ max, min }) => [max, min]) : [];
  return [data.at, ...data.lines.map(({ mean }) => mean), ...bands] as uPlot.AlignedData;
}

export function createPlot(
  node: HTMLElement,
  spec: ChartSpec,
  data: ChartData,
  cursorKey: string,
  events: PlotEvents,
  marks: () => PlotMarks = () => NO_MARKS,
): uPlot {
  const style = getComputedStyle(node);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const options: uPlot.Options = {
    width: node.clientWidth,
    height: node.clientHeight,
    ms: 1,
    // To the right, room for half of the last time.
    padding: [10, 20, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: cursorKey },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      ...(events.focus ? { focus: { prox: FOCUS_WITHIN_PX } } : {}),
      bind: { dblclick: () => () => (events.reset(), null) },
    },
    ...(events.focus ? { focus: { alpha: 0.18 } } : {}),
    scales: {
      x: { auto: false, range: (_, min, max) => [min, max] },
      y: { range: (plot, min, max) => withAhead(plot, yRange(spec, min, max), marks(), spec.whole) },
    },
    axes: [xAxis(colour), yAxis(spec.unit, colour)],
    series: [{}, ...seriesOf(spec, colour)],
    bands: bandsOf(spec, colour),
    hooks: {
      setCursor: [(plot) => events.cursor(plot.cursor.idx ?? null, cursorAt(plot))],
      setSelect: [(plot) => selected(plot, events)],
      setSeries: [(_, series) => events.focus?.(series === null ? null : series - 1)],
      drawAxes: [
        (plot) => {
          drawSpans(plot, marks().spans, colour);
          drawMarks(plot, spec, colour);
        },
      ],
      draw: [(plot) => drawAhead(plot, marks().bands, marks().spans, colour)],
    },
  };
  return new uPlot(options, plotDataOf(spec, data), node);
}

function seriesOf(spec: ChartSpec, colour: (name: string) => string): uPlot.Series[] {
  const lines = spec.lines.map((_, index): uPlot.Series => {
    const stroke = colour(colourName(index));
    const isAlone = spec.lines.length === 1;
    const paths = spec.unit === "bool" ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
    return {
      stroke,
      width: 1.25,
      spanGaps: false,
      points: { show: false, size: 4 },
      ...(dashOf(index).length > 0 ? { dash: [...dashOf(index)] } : {}),
      ...(paths ? { paths } : {}),
      ...(spec.isStacked ? { fill: `color-mix(in oklab, ${stroke} 45%, ${colour("--surface")})` } : {}),
      ...(isAlone ? { fill: `color-mix(in oklab, ${stroke} 10%, transparent)` } : {}),
    };
  });
  if (spec.isStacked) return lines.reverse();
  const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: false };
  return hasBands(spec) ? [...lines, ...lines.flatMap(() => [edge, edge])] : lines;
}

function bandsOf(spec: ChartSpec, colour: (name: string) => string): uPlot.Band[] {
  if (!hasBands(spec)) return [];
  return spec.lines.map((_, index) => {
    const high = 1 + spec.lines.length + index * 2;
    return { series: [high, high + 1], fill: `color-mix(in oklab, ${colour(colourName(index))} 18%, transparent)` };
  });
}

/** A scale begins at zero unless the values lie below it, and reaches the whole where there is one. */
export function yRange(spec: ChartSpec, min: number | null, max: number | null): [number, number] {
  const low = Math.min(0, min ?? 0);
  const high = Math.max(spec.whole ?? 0, max ?? 0);
  if (spec.unit === "bool") return [0, 1.05];
  const spanMin = SPAN_MIN[spec.unit] ?? 1;
  if (high - low < spanMin) return [low, low + spanMin];
  if (high === spec.whole) return [low, high];
  const marks = [spec.reference, ...(spec.levels ?? [])].flatMap((mark) => (mark ? [mark.value] : []));
  const withMarks = Math.max(high, ...marks.filter((mark) => high > mark / 3));
  return [low < 0 ? low * 1.1 : 0, withMarks * 1.1];
}

/** A scale has room for what is foretold in its window. */
function withAhead(
  plot: uPlot,
  [low, high]: [number, number],
  { bands }: PlotMarks,
  whole: number | undefined,
): [number, number] {
  const { min, max } = plot.scales["x"] ?? {};
  if (bands.length === 0 || min === undefined || max === undefined) return [low, high];
  const top = bandTop(bands, min, max, high);
  return [low, whole === undefined ? top : Math.min(top, Math.max(high, whole))];
}

function cursorAt(plot: uPlot): number | null {
  const { left } = plot.cursor;
  return left === undefined || left < 0 ? null : plot.posToVal(left, "x");
}

function xAxis(colour: (name: string) => string): uPlot.Axis {
  return {
    stroke: colour("--chart-axis"),
    font: axisFont(),
    size: 26,
    gap: 6,
    space: 72,
    grid: { stroke: colour("--chart-grid"), width: 1 },
    ticks: { show: false },
    values: (_, splits, __, ___, step) => timeLabels(splits, step),
  };
}

function yAxis(unit: Unit, colour: (name: string) => string): uPlot.Axis {
  return {
    stroke: colour("--chart-axis"),
    font: axisFont(),
    size: 68,
    gap: 8,
    space: 34,
    grid: { stroke: colour("--chart-grid"), width: 1 },
    ticks: { show: false },
    ...(unit === "bytes" ? { incrs: BINARY_STEPS } : {}),
    ...(unit === "bool" ? { splits: () => [0, 1] } : {}),
    values: (_, splits) => splits.map((value) => formatQuantity(value, unit)),
  };
}

function axisFont(): string {
  return `11px ${getComputedStyle(document.body).fontFamily}`;
}

function selected(plot: uPlot, events: PlotEvents): void {
  const { left, width } = plot.select;
  // A click with a trembling hand is no zoom.
  if (width < 8) return;
  // Every chart of the page draws the same selection. Only the one under the hand knows what it means: another may be out of
  // sight, with the scale of an earlier window or none at all.
  if (plot.cursor.event) events.select({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x") });
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
}

function drawMarks(
  plot: uPlot,
  { reference, levels = [], moments = [] }: ChartSpec,
  colour: (name: string) => string,
): void {
  const axis = colour("--chart-axis");
  if (reference) drawLevel(plot, reference, "above", axis, axis);
  const values = levels.map(({ value }) => value);
  for (const level of levels) {
    // Each label stands on the side where the other line is not.
    const side = levels.length > 1 && level.value === Math.min(...values) ? "below" : "above";
    drawLevel(plot, level, side, colour(`--${level.tone}`), colour(`--${level.tone}-text`));
  }
  for (const { at, label } of moments) drawMoment(plot, at, label, axis);
}

function drawLevel(
  plot: uPlot,
  { value, label }: { value: number; label: string },
  side: "above" | "below",
  stroke: string,
  ink: string,
): void {
  const { min, max } = plot.scales["y"] ?? {};
  if (value > (max ?? 0) || value < (min ?? 0)) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, "y", true));
  dashed(ctx, stroke, ink, () => {
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
  });
  const room = LABEL_HEIGHT * devicePixelRatio;
  const isBelow = side === "below" ? bbox.top + bbox.height - y > room : y - bbox.top < room;
  ctx.textAlign = "right";
  ctx.textBaseline = isBelow ? "top" : "bottom";
  ctx.fillText(label, bbox.left + bbox.width - 4 * devicePixelRatio, y + (isBelow ? 3 : -2) * devicePixelRatio);
  ctx.restore();
}

function drawMoment(plot: uPlot, at: number, label: string, stroke: string): void {
  const { min, max } = plot.scales["x"] ?? {};
  if (at < (min ?? 0) || at > (max ?? 0)) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(at, "x", true));
  dashed(ctx, stroke, stroke, () => {
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  });
  const gap = 4 * devicePixelRatio;
  const isAtEnd = x + gap + ctx.measureText(label).width > bbox.left + bbox.width;
  ctx.textAlign = isAtEnd ? "right" : "left";
  ctx.textBaseline = "bottom";
  ctx.fillText(label, x + (isAtEnd ? -gap : gap), bbox.top + bbox.height - gap);
  ctx.restore();
}

/** Draws a path and leaves the pen ready for its label; whoever calls restores. */
function dashed(ctx: CanvasRenderingContext2D, stroke: string, ink: string, path: () => void): void {
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = ink;
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  path();
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
}
