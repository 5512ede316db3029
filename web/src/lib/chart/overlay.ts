import type { AnomalySpan, Band, Outlook } from "../../../../contract/insights.ts";
import { metricOf, unitOf } from "../../../../contract/metric.ts";
import type { EpochMs, Unit } from "../../../../contract/units.ts";
import { formatQuantity } from "../format/quantity.ts";
import type { ChartSpec } from "./chart-spec.ts";
import type { ChartData } from "./columns.ts";

/** What is foretold of the series of a page, and what stood out in them. */
export type Overlay = Pick<Outlook, "bands" | "spans">;

export interface LineBand {
  /** Place among the lines of the chart. */
  line: number;
  band: Band;
}

/**
 * The bands that belong to the lines of a chart. What is foretold of a ratio as a whole is of the worst of its parts: it goes on from
 * the line that is the highest now.
 */
export function bandsOf({ bands }: Overlay, spec: ChartSpec, data: ChartData): LineBand[] {
  if (spec.isStacked) return [];
  const found = spec.lines.flatMap(({ key }, line) => (bands[key] ? [{ line, band: bands[key] }] : []));
  for (const metric of new Set(spec.lines.map(({ key }) => metricOf(key)))) {
    const band = bands[metric];
    const isOfParts = spec.lines.every(({ key }) => key !== metric);
    if (!band || !isOfParts || unitOf(metric) !== "ratio") continue;
    const line = highest(spec, data, metric);
    if (line >= 0 && found.every((other) => other.line !== line)) found.push({ line, band });
  }
  return found;
}

/** What stood out in the lines of a chart. */
export function spansOf({ spans }: Overlay, spec: ChartSpec): AnomalySpan[] {
  if (spec.isStacked) return [];
  const named = new Set(
    spec.lines.flatMap(({ key }) => [key, ...(unitOf(metricOf(key)) === "ratio" ? [metricOf(key)] : [])]),
  );
  return spans.filter(({ metric }) => named.has(metric));
}

/** A band may reach so much higher than everything else in the window. */
const WIDEST = 1.5;

/** The highest that the bands reach in a window; a band that widens without end does not press the readings flat. */
export function bandTop(bands: readonly LineBand[], from: EpochMs, to: EpochMs, measured: number): number {
  let [middle, upper] = [0, 0];
  for (const { band } of bands) {
    band.upper.forEach((value, index) => {
      const at = band.from + index * band.stepMs;
      if (at < from || at > to) return;
      upper = Math.max(upper, value ?? 0);
      middle = Math.max(middle, band.middle[index] ?? 0);
    });
  }
  const most = Math.max(measured, middle);
  return Math.max(most, Math.min(upper, most * WIDEST));
}

/** `Unusual: 96 %, usually 10 % – 40 %`. */
export function unusualInWords({ value, usualLow, usualHigh }: AnomalySpan, unit: Unit): string {
  const usual =
    usualLow === null || usualHigh === null
      ? ""
      : `, usually ${formatQuantity(usualLow, unit)} – ${formatQuantity(usualHigh, unit)}`;
  return `Unusual: ${formatQuantity(value, unit)}${usual}`;
}

function highest(spec: ChartSpec, data: ChartData, metric: string): number {
  let best = -1;
  let most = -Infinity;
  spec.lines.forEach(({ key }, index) => {
    if (metricOf(key) !== metric) return;
    const last = data.lines[index]?.mean.findLast((value) => value !== null) ?? -Infinity;
    if (last > most) [best, most] = [index, last];
  });
  return best;
}
