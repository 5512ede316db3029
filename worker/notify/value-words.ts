import { metricOf, unitOf, type SeriesKey } from "../../contract/metric.ts";
import { spanInWords } from "./duration-words.ts";

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const RATES = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s", "PB/s"];

/** A value of a series as people say it, by its metric's unit: `93 %`, `1.2 GiB`, `3.4 MB/s`, `2 days`, `1.8`, `yes`. */
export function valueInWords(key: SeriesKey, value: number): string {
  if (!Number.isFinite(value)) return "unknown";
  switch (unitOf(metricOf(key))) {
    case "ratio":
      return percent(value);
    case "bytes":
      return scaled(value, 1_024, SIZES);
    case "bytes/s":
      return scaled(value, 1_000, RATES);
    case "operations/s":
    case "packets/s":
      return `${figure(value)}/s`;
    case "seconds":
      return secondsInWords(value);
    case "bool":
      return value === 0 ? "no" : "yes";
    case "count":
      return figure(value);
  }
}

/** What is not quite full is not called full. */
function percent(ratio: number): string {
  const said = ratio < 1 && ratio > 0.999 ? 99.9 : ratio * 100;
  return `${said.toLocaleString("en", { maximumFractionDigits: 1 })} %`;
}

/** Sizes are binary, as memory and disks are sold and formatted; rates are decimal, as networks and drives are rated: as on the pages. */
function scaled(value: number, base: number, units: readonly string[]): string {
  let size = Math.abs(value);
  let step = 0;
  // What would be written as 1,000 is 1 of the next.
  while (size >= base - 0.5 && step < units.length - 1) {
    size /= base;
    step++;
  }
  return `${value < 0 ? "-" : ""}${figure(size)} ${units[step]}`;
}

function secondsInWords(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  const sign = seconds < 0 ? "-" : "";
  if (size < 0.9995) return `${sign}${figure(size * 1_000)} ms`;
  return size < 60 ? `${sign}${figure(size)} s` : `${sign}${spanInWords(size * 1_000)}`;
}

/** Three digits, or all before the point: `0.042`, `4.2`, `93`, `12,345`. */
function figure(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 0.95 ? 1 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: decimals });
}
