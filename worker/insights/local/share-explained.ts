import { shuffler } from "./shuffle.ts";

/** What a profile of a period explains of how a series moves within it. */
export interface Explained {
  /** Of the variance, 0 to 1, less what as many free means explain of nothing. */
  share: number;
  /** By how many standard deviations that is more than what the same periods explain when each is turned by chance. */
  score: number;
}

const TURNS = 30;

/**
 * The share of variance that the place within a period explains, for rows of periods laid one after the other (NaN where nothing was
 * heard), whose middle is near zero. Chance is measured on the series itself: each period is turned by a whole number of `turnBy` steps,
 * which keeps how its neighbouring readings hang together and breaks what comes back at the same time. Null below `shareMin`, before
 * anything is turned.
 */
export function shareExplained(
  values: Float64Array,
  slots: number,
  turnBy: number,
  shareMin: number,
): Explained | null {
  const periods = Math.floor(values.length / slots);
  if (periods < 3) return null;
  const sums = new Float64Array(slots);
  const counts = new Float64Array(slots);
  const straight = new Int32Array(periods);
  let heard = 0;
  let whole = 0;
  for (const value of values) {
    if (value !== value) continue;
    heard++;
    whole += value * value;
  }
  if (heard < slots * 3 || !(whole > 0)) return null;
  const between = (turns: Int32Array): number => {
    sums.fill(0);
    counts.fill(0);
    for (let period = 0; period < periods; period++) {
      let slot = turns[period]!;
      for (let place = period * slots; place < (period + 1) * slots; place++) {
        const value = values[place]!;
        if (value === value) {
          sums[slot]! += value;
          counts[slot]!++;
        }
        if (++slot === slots) slot = 0;
      }
    }
    let squares = 0;
    for (let slot = 0; slot < slots; slot++) if (counts[slot]! > 0) squares += sums[slot]! ** 2 / counts[slot]!;
    return squares / whole;
  };
  const raw = between(straight);
  const free = slots / heard;
  const share = Math.max(0, (raw - free) / (1 - free));
  if (share < shareMin) return null;
  const pick = shuffler(slots * 31 + periods);
  const turns = new Int32Array(periods);
  let sum = 0;
  let squares = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    for (let period = 0; period < periods; period++) turns[period] = pick(Math.floor(slots / turnBy)) * turnBy;
    const byChance = between(turns);
    sum += byChance;
    squares += byChance * byChance;
  }
  const middle = sum / TURNS;
  const spread = Math.sqrt(Math.max(squares / TURNS - middle * middle, 1e-12));
  return { share: Math.min(1, share), score: Math.min(1000, (raw - middle) / spread) };
}
