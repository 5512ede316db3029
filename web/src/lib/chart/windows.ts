import type { DurationMs } from "../../../../contract/units.ts";

/** In a window of so much the clock alone says when something was. */
export const DAY_KNOWN_WITHIN_MS: DurationMs = 24 * 3_600_000;

export interface TimeWindow {
  value: string;
  label: string;
  /** The label in full, for a list and for whoever listens. */
  words: string;
  span: DurationMs;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The newest minutes and hours: watched as they happen. */
export const SHORT_WINDOWS = [
  { value: "5m", label: "5 min", words: "5 minutes", span: 5 * MINUTE },
  { value: "15m", label: "15 min", words: "15 minutes", span: 15 * MINUTE },
  { value: "1h", label: "1 h", words: "1 hour", span: HOUR },
  { value: "3h", label: "3 h", words: "3 hours", span: 3 * HOUR },
  { value: "6h", label: "6 h", words: "6 hours", span: 6 * HOUR },
  { value: "12h", label: "12 h", words: "12 hours", span: 12 * HOUR },
  { value: "24h", label: "24 h", words: "24 hours", span: DAY },
] as const satisfies TimeWindow[];

/** History: looked back on. */
export const LONG_WINDOWS = [
  { value: "7d", label: "7 d", words: "7 days", span: 7 * DAY },
  { value: "30d", label: "30 d", words: "30 days", span: 30 * DAY },
  { value: "90d", label: "90 d", words: "90 days", span: 90 * DAY },
  { value: "1y", label: "1 y", words: "1 year", span: 365 * DAY },
  { value: "2y", label: "2 y", words: "2 years", span: 730 * DAY },
] as const satisfies TimeWindow[];

/** What can be looked at; keys 1 to 9 choose the first nine. */
export const WINDOWS: readonly TimeWindow[] = [...SHORT_WINDOWS, ...LONG_WINDOWS];
export const WINDOW_NAMES = WINDOWS.map(({ value }) => value);
export const WINDOW_KEYS = Array.from({ length: 9 }, (_, index) => String(index + 1));

export function windowOf(name: string | null): TimeWindow | undefined {
  return WINDOWS.find(({ value }) => value === name);
}

/** The number keys, each doing `show` with its window. */
export function windowShortcuts(show: (name: string) => void): Record<string, () => void> {
  return Object.fromEntries(WINDOW_KEYS.map((key, index) => [key, () => show(WINDOW_NAMES[index]!)]));
}
