import { definitionOf, metricOf } from "../../../contract/metric.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { unpackKey } from "../packed.ts";
import { decodeColumn, decodeWhole, encodeColumn, scaled, scaleOf, UnreadableColumn, type Column } from "./column.ts";
import { AT, BlockReader, BlockWriter, type PackedBlock } from "./directory.ts";
import { decimalsOf } from "./samples.ts";

/** What happened to one series within each point's time: how many readings, the lowest, the mean, the highest. */
export interface Points {
  count: (number | null)[];
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}

/** A block of merged points, by time. `samples` is how many samples each point was made of. */
export interface PointColumns {
  at: EpochMs[];
  samples: number[];
  series: Map<string, Points>;
}

/** How many samples each point was made of. */
export const SAMPLES = ".samples";

/** What a switch's mean is worth: 99.99 % of the time up. */
const SWITCH_MEAN_DECIMALS = 4;
/** A mean of custom readings gets so many digits more than they have. */
const CUSTOM_MEAN_DECIMALS = 2;
const DECIMALS_MAX = 9;

/** Bits of the first byte of a series: whether lowest and highest follow, whether its own counts, whether all as they are. */
const HAS_BAND = 1;
const HAS_COUNT = 2;
const IS_ABSOLUTE = 4;

export function packPoints({ at, samples, series }: PointColumns): PackedBlock {
  const writer = new BlockWriter();
  writer.addColumn(AT, at, 0);
  writer.addColumn(SAMPLES, samples, 0);
  for (const [key, points] of series) writer.add(key, packSeries(key, points, samples));
  return writer.finish(at.length);
}

/** Every series of a block of points; one that cannot be read is left out, and `unreadable` is told its name. */
export function unpackPoints(block: PackedBlock, unreadable: (series: string) => void): PointColumns {
  const reader = new BlockReader(block);
  const columns = { at: reader.numbers(AT), samples: reader.numbers(SAMPLES), series: new Map<string, Points>() };
  for (const name of reader.names) {
    if (name.startsWith(".")) continue;
    try {
      columns.series.set(name, unpackSeries(reader.bytes(name)!, columns.samples));
    } catch {
      unreadable(name);
    }
  }
  return columns;
}

/** The digits a point's values have; undefined where only the values tell, and none may do. */
function pointDecimals(key: string, { min, max }: Points): number | undefined {
  const known = decimalsOf(key);
  if (known !== undefined) {
    return definitionOf(metricOf(unpackKey(key)))?.unit === "bool" ? SWITCH_MEAN_DECIMALS : known;
  }
  const scale = scaleOf(present([...min, ...max]), undefined);
  return scale === undefined ? undefined : Math.min(DECIMALS_MAX, scale + CUSTOM_MEAN_DECIMALS);
}

function packSeries(key: string, points: Points, samples: readonly number[]): Uint8Array {
  const decimals = pointDecimals(key, points);
  const hasCount = points.count.some((count, row) => count !== null && count !== samples[row]);
  const counts = hasCount ? [encodeColumn(points.count, 0)] : [];
  const wholes = decimals === undefined ? undefined : distances(points, decimals);
  if (!wholes) {
    const { mean, min, max } = points;
    const parts = [mean, min, max].map((column) => encodeColumn(column, undefined));
    return framed(IS_ABSOLUTE | HAS_BAND | (hasCount ? HAS_COUNT : 0), [...parts, ...counts]);
  }
  const { mean, below, above } = wholes;
  const hasBand = [...below, ...above].some((distance) => distance !== null && distance !== 0);
  const parts = [mean, ...(hasBand ? [below, above] : [])].map((column) => encodeColumn(column, decimals));
  return framed((hasBand ? HAS_BAND : 0) | (hasCount ? HAS_COUNT : 0), [...parts, ...counts]);
}

/** The mean, and how far lowest and highest lie from it, all at the same digits; undefined where they do not fit. */
function distances({ mean, min, max }: Points, decimals: number) {
  const scale = 10 ** decimals;
  const rounded = mean.map((value) => (value === null ? null : Math.round(value * scale) / scale));
  const fits = [rounded, min, max].every((column) => scaleOf(present(column), decimals) === decimals);
  if (!fits) return undefined;
  const from = (higher: Column, lower: Column) =>
    higher.map((value, row) =>
      value === null || lower[row] === null
        ? null
        : (scaled([value], decimals)[0]! - scaled([lower[row]!], decimals)[0]!) / scale,
    );
  const [below, above] = [from(rounded, min), from(max, rounded)];
  // Of two that fit, the distance may not.
  if (![below, above].every((column) => scaleOf(present(column), decimals) === decimals)) return undefined;
  return { mean: rounded, below, above };
}

/** One series' bytes → its points; `samples` stand for its counts where it has none of its own. */
export function unpackSeries(bytes: Uint8Array, samples: readonly number[]): Points {
  const flags = bytes[0] ?? 0xff;
  if (flags > (HAS_BAND | HAS_COUNT | IS_ABSOLUTE)) throw new UnreadableColumn("a series of a later version");
  const parts = unframed(bytes);
  const hasBand = (flags & HAS_BAND) !== 0;
  if (parts.length !== 1 + (hasBand ? 2 : 0) + (flags & HAS_COUNT ? 1 : 0))
    throw new UnreadableColumn("a series cut short");
  const column = (part: number) => decodeColumn(parts[part]!, samples.length);
  const counts = (mean: Column) =>
    flags & HAS_COUNT ? column(hasBand ? 3 : 1) : mean.map((value, row) => (value === null ? null : samples[row]!));
  if (!hasBand || flags & IS_ABSOLUTE) {
    const mean = column(0);
    return { count: counts(mean), mean, min: hasBand ? column(1) : mean, max: hasBand ? column(2) : mean };
  }
  // Added as whole numbers, which is exact: a sum of two decimal fractions is not.
  const [mean, below, above] = [0, 1, 2].map((part) => decodeWhole(parts[part]!, samples.length));
  const scale = 10 ** mean!.decimals;
  const sums = (distance: Column, sign: 1 | -1) =>
    mean!.values.map((value, row) => (value === null ? null : (value + sign * distance[row]!) / scale));
  const means = mean!.values.map((value) => (value === null ? null : value / scale));
  return { count: counts(means), mean: means, min: sums(below!.values, -1), max: sums(above!.values, 1) };
}

function framed(flags: number, parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(1 + parts.reduce((sum, part) => sum + 2 + part.length, 0));
  bytes[0] = flags;
  let at = 1;
  for (const part of parts) {
    bytes[at] = part.length >> 8;
    bytes[at + 1] = part.length & 0xff;
    bytes.set(part, at + 2);
    at += 2 + part.length;
  }
  return bytes;
}

function unframed(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 1; at < bytes.length;) {
    const length = (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
    if (at + 2 + length > bytes.length) throw new UnreadableColumn("a series cut short");
    parts.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return parts;
}

function present(column: Column): number[] {
  return column.filter((value) => value !== null);
}
