import { definitionOf, metricOf, type SeriesKey } from "../../../../contract/metric.ts";
import type { EpochMs, Unit } from "../../../../contract/units.ts";

export interface ChartLine {
  key: SeriesKey;
  label: string;
}

/** What a chart shows, without a word on how it is drawn. */
export interface ChartSpec {
  id: string;
  title: string;
  unit: Unit;
  lines: ChartLine[];
  /** Lines there would be besides these; told, so that nobody takes these for all. */
  leftOut?: number;
  isStacked?: boolean;
  /** The lines alone, without what lies between the lowest and the highest. */
  isBandless?: boolean;
  /** The scale reaches this value at least: a whole, such as all of the memory or 100 %. */
  whole?: number;
  /** A dashed line to compare with. */
  reference?: { value: number; label: string };
  /** Lines that something is measured against, in the colour of how bad it is beyond them. */
  levels?: { value: number; label: string; tone: "warn" | "bad" }[];
  /** Upright lines at moments that count. */
  moments?: { at: EpochMs; label: string }[];
}

/** A counter's point holds its last value in place of the mean. */
export function isCounter(key: SeriesKey): boolean {
  return definitionOf(metricOf(key))?.isCounter === true;
}
