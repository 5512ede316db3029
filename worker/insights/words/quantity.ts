import { metricOf, unitOf, type SeriesKey } from "../../../contract/metric.ts";
import type { Unit } from "../../../contract/units.ts";

// Sizes are binary, as memory and disks are sold and formatted; rates are decimal, as networks and drives are rated.
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const DECIMAL = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s", "PB/s"];

/** A reading of this series as people read it: base units in, `42 %`, `1.5 GiB`, `12.3 MB/s` out. */
export function readingInWords(key: SeriesKey, value: number): string {
  return quantityInWords(value, unitOf(metricOf(key)));
}

export function quantityInWords(value: number, unit: Unit): string {
  switch (unit) {
    case "ratio":
      return percentInWords(value);
    case "bytes":
      return bytesInWords(value);
    case "bytes/s":
      return scaled(value, 1000, DECIMAL);
    case "operations/s":
    case "packets/s":
      return `${countInWords(value)}/s`;
    case "seconds":
      return secondsInWords(value);
    case "bool":
      return value >= 0.5 ? "yes" : "no";
    case "count":
      return countInWords(value);
  }
}

/** Below ten one digit, so that a quiet machine does not look dead; only a whole hundred says 100 %. */
export function percentInWords(ratio: number): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.05) return "less than 0.1 %";
  if (Math.abs(percent) < 9.95) return `${Number(percent.toFixed(1))} %`;
  const whole = Math.round(percent);
  return `${ratio < 1 ? Math.min(99, whole) : whole} %`;
}

export function bytesInWords(bytes: number): string {
  return scaled(bytes, 1024, BINARY);
}

export function countInWords(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${threeDigits(value / 1e9)} G`;
  if (size >= 1e6) return `${threeDigits(value / 1e6)} M`;
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return threeDigits(value);
}

/** How many times as much: `8 times`, `2.5 times`, `more than 1,000 times`. */
export function timesInWords(factor: number): string {
  if (factor >= 1000) return "more than 1,000 times";
  return `${factor >= 10 ? Math.round(factor) : Number(factor.toFixed(factor >= 3 ? 0 : 1))} times`;
}

const SIGNS = new Map([
  ["USD", "$"],
  ["EUR", "€"],
  ["GBP", "£"],
]);

/** `$6`, `€4.15`, `CHF 9`. */
export function moneyInWords({ amount, currency }: { amount: number; currency: string }): string {
  const digits = Number.isInteger(amount) || Math.abs(amount) >= 10_000 ? 0 : 2;
  const said = amount.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const sign = SIGNS.get(currency);
  return sign ? `${sign}${said}` : `${currency} ${said}`;
}

function secondsInWords(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return "0 s";
  if (size < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (size < 1) return `${Number((seconds * 1000).toFixed(size < 0.01 ? 1 : 0))} ms`;
  if (size < 120) return `${threeDigits(seconds)} s`;
  if (size < 7_200) return `${Math.round(seconds / 60)} min`;
  return size < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let size = Math.abs(value);
  let step = 0;
  // 999.95 would be printed as 1000: it belongs to the next unit already.
  while (step < units.length - 1 && size >= base - (step === 0 ? 0.5 : 0.05)) {
    size /= base;
    step += 1;
  }
  return `${value < 0 ? "-" : ""}${step === 0 ? Math.round(size) : threeDigits(size)} ${units[step]}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toString();
  return Number(value.toFixed(size >= 10 ? 1 : 2)).toString();
}
