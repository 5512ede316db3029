import type { Unit } from "../../../../contract/units.ts";
import { formatByteRate, formatBytes, threeDigits } from "./bytes.ts";
import { formatSeconds } from "./duration.ts";
import { formatRatio } from "./ratio.ts";

/** What stands where nothing was measured: a gap is never a zero. */
export const NO_VALUE = "–";

/** A value of any unit as it is shown on a chart, in a legend, in a cell. */
export function formatQuantity(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return NO_VALUE;
  switch (unit) {
    case "ratio":
      return formatRatio(value);
    case "bytes":
      return formatBytes(value);
    case "bytes/s":
      return formatByteRate(value);
    case "operations/s":
    case "packets/s":
      return `${formatCount(value)}/s`;
    case "seconds":
      return formatSeconds(value);
    case "bool":
      return value >= 0.5 ? "yes" : "no";
    case "count":
      return formatCount(value);
  }
}

/** Load in the way every tool prints it, so that a column of it stands still. */
export function formatLoad(load: number | undefined): string {
  return load === undefined ? NO_VALUE : load.toFixed(2);
}

function formatCount(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${threeDigits(value / 1e9)} G`;
  if (size >= 1e6) return `${threeDigits(value / 1e6)} M`;
  if (size >= 1e5) return `${threeDigits(value / 1e3)} k`;
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return threeDigits(value);
}
