/** What the Numenta Anomaly Benchmark 1.1 (Lavin and Ahmad 2015, arXiv 1510.03336) gives and takes: for a window found, a row of false alarm, a window missed. */
const PROFILES = {
  standard: { found: 1, false: 0.11, missed: 1 },
  rewardLowFP: { found: 1, false: 0.22, missed: 1 },
  rewardLowFN: { found: 1, false: 0.11, missed: 2 },
} as const;
export type NabProfile = keyof typeof PROFILES;
export const NAB_PROFILES = Object.keys(PROFILES) as NabProfile[];

const PROBATION_SHARE = 0.15;
const PROBATION_ROWS_MAX = 5_000 * PROBATION_SHARE;
/** So many widths after a window a false alarm costs all. */
const FADED = 3;

/** A labelled series with its scores: windows by the first and the last of their rows. */
export interface NabSeries {
  file: string;
  scores: Float64Array;
  windows: readonly (readonly [first: number, last: number])[];
}

export interface NabResult {
  /** 100 is perfect, 0 what one gets that never fires. */
  score: number;
  /** The best threshold, one for all series. */
  threshold: number;
}

/** What firing at a row earns (inside a window, which only its best row counts for) or costs (outside). */
interface Row {
  score: number;
  window: number | null;
  credit: number;
}

/** By the benchmark's rules, under one profile, at the threshold that is best for all series together. */
export function nabScore(series: readonly NabSeries[], profile: NabProfile): NabResult {
  const weights = PROFILES[profile];
  const windows = windowsOf(series);
  const rows = series.flatMap((one, index) => rowsOf(one, firstWindow(series, index)));
  rows.sort((a, b) => b.score - a.score);
  const found = new Map<number, number>();
  let total = -windows * weights.missed;
  let best = { total, threshold: Infinity };
  rows.forEach(({ score, window, credit }, index) => {
    if (window === null) total += credit * weights.false;
    else {
      const before = found.get(window) ?? -weights.missed;
      const now = Math.max(before, credit * weights.found);
      found.set(window, now);
      total += now - before;
    }
    if (rows[index + 1]?.score !== score && total > best.total) best = { total, threshold: score };
  });
  const none = -windows * weights.missed;
  return { score: (100 * (best.total - none)) / (windows * weights.found - none), threshold: best.threshold };
}

/** At a threshold that is given: how many windows were found, how many rows were false alarms, and what all of it is worth. */
export function nabAt(
  series: readonly NabSeries[],
  threshold: number,
): { found: number; windows: number; false: number; worth: number } {
  const { false: cost, missed } = PROFILES.standard;
  const best = new Map<number, number>();
  let falseRows = 0;
  let worth = 0;
  series.forEach((one, index) => {
    for (const { score, window, credit } of rowsOf(one, firstWindow(series, index))) {
      if (score < threshold) continue;
      if (window !== null) best.set(window, Math.max(best.get(window) ?? -Infinity, credit));
      else {
        falseRows++;
        worth += cost * credit;
      }
    }
  });
  for (const credit of best.values()) worth += credit + missed;
  return { found: best.size, windows: windowsOf(series), false: falseRows, worth };
}

function rowsOf({ scores, windows }: NabSeries, firstWindow: number): Row[] {
  const rows: Row[] = [];
  const probation = Math.min(Math.floor(PROBATION_SHARE * scores.length), PROBATION_ROWS_MAX);
  let next = 0;
  for (let row = 0; row < scores.length; row++) {
    const window = windows[next];
    const isInside = window !== undefined && row >= window[0];
    const before = windows[next - 1];
    if (row >= probation) {
      rows.push(
        isInside
          ? { score: scores[row]!, window: firstWindow + next, credit: inside(window, row) }
          : { score: scores[row]!, window: null, credit: before ? after(before, row) : -1 },
      );
    }
    if (isInside && row === window[1]) next++;
  }
  return rows;
}

/** 1 at a window's first row, near 0 at its last. */
function inside([first, last]: readonly [number, number], row: number): number {
  return sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1);
}

/** Near 0 right after a window, -1 far from it. */
function after([first, last]: readonly [number, number], row: number): number {
  return sigmoid((row - last) / (last - first));
}

function sigmoid(widths: number): number {
  return widths > FADED ? -1 : 2 / (1 + Math.exp(5 * widths)) - 1;
}

function windowsOf(series: readonly NabSeries[]): number {
  return firstWindow(series, series.length);
}

function firstWindow(series: readonly NabSeries[], index: number): number {
  return series.slice(0, index).reduce((sum, { windows }) => sum + windows.length, 0);
}
