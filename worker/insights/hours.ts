import type { SeriesKey } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { stepAt, type EvenSeries } from "./local/even-series.ts";

/** Hourly values as they are kept between two looks: base64 of 32-bit floats, which is finer than any reading; NaN where nothing was heard. */
export interface KeptHours {
  from: EpochMs;
  /** When they were last read as a whole: what was handed in late since is not among them. */
  readAt: EpochMs;
  values: Record<SeriesKey, string>;
}

/** What there is before `until`, at most as long ago as `since`. */
export function keepHours(
  hourly: ReadonlyMap<SeriesKey, EvenSeries>,
  { since, until, readAt }: { since: EpochMs; until: EpochMs; readAt: EpochMs },
): KeptHours | null {
  const kept: KeptHours = { from: since, readAt, values: {} };
  for (const [key, series] of hourly) {
    const first = Math.max(0, Math.ceil((since - series.from) / series.stepMs));
    const end = Math.floor((until - series.from) / series.stepMs);
    if (end <= first) continue;
    kept.from = stepAt(series, first);
    const floats = Float32Array.from(series.values.subarray(first, end));
    kept.values[key] = base64Of(new Uint8Array(floats.buffer));
  }
  return Object.keys(kept.values).length > 0 ? kept : null;
}

/** As series over the whole window, NaN where it reaches beyond them. */
export function hoursOf(
  { from, values }: KeptHours,
  window: { from: EpochMs; stepMs: number; length: number },
): Map<SeriesKey, EvenSeries> {
  const series = new Map<SeriesKey, EvenSeries>();
  const shift = Math.round((from - window.from) / window.stepMs);
  for (const [key, text] of Object.entries(values)) {
    const floats = new Float32Array(bytesOf(text).buffer);
    const all = new Float64Array(window.length).fill(NaN);
    floats.forEach((value, place) => {
      const at = place + shift;
      if (at >= 0 && at < all.length) all[at] = value;
    });
    series.set(key, { from: window.from, stepMs: window.stepMs, values: all });
  }
  return series;
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
