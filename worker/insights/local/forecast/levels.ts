import { Caution, middleOf, startOf, type Candidate } from "./candidate.ts";

const CAUTION_RATE = 0.1;

/** As the last reading. */
export function last(): Candidate {
  let value = Number.NaN;
  return {
    method: "level",
    doubt: 1,
    hear: (heard) => void (value = heard),
    foretell: (_place, _steps, into) => void into.fill(value),
  };
}

/** Exponential smoothing that wild readings cannot carry away (Gelper, Fried and Croux, 2010); `weight` of a new reading, 0 to 1. */
export function smoothed(values: Float64Array, weight: number): Candidate {
  const start = startOf(values);
  const caution = new Caution(start.usual, CAUTION_RATE);
  let { level } = start;
  return {
    method: "level",
    doubt: 1,
    hear: (value) => void (level += weight * caution.believed(value - level)),
    foretell: (_place, _steps, into) => void into.fill(level),
  };
}

const LOOKED_AT_MAX = 96;

/** The median of the last so many steps; of many only every few are looked at. */
export function recentMedian(values: Float64Array, window: number): Candidate {
  const few = new Float64Array(LOOKED_AT_MAX);
  const stride = Math.ceil(window / LOOKED_AT_MAX);
  return {
    method: "level",
    doubt: 1,
    hear: () => undefined,
    foretell(place, _steps, into) {
      let count = 0;
      for (let at = place - 1; at >= Math.max(0, place - window); at -= stride) {
        if (!Number.isNaN(values[at]!)) few[count++] = values[at]!;
      }
      into.fill(count === 0 ? Number.NaN : middleOf(few.subarray(0, count)));
    },
  };
}

/** So many windows, of each of which so many readings are looked at. */
const WINDOWS = 7;
const PER_WINDOW = 24;
/** Times as far as the newest window's readings lie from their middle as a rule. */
const APART = 3;

/** The median of some windows of so many steps, from the newest back to one that lay elsewhere. */
export function steadyMedian(values: Float64Array, window: number): Candidate {
  const stride = Math.ceil(window / PER_WINDOW);
  const looked = new Float64Array(WINDOWS * Math.ceil(window / stride));
  const read = (place: number, start: number): number => {
    let end = start;
    for (let at = place - 1; at >= Math.max(0, place - window); at -= stride) {
      if (!Number.isNaN(values[at]!)) looked[end++] = values[at]!;
    }
    return end;
  };
  return {
    method: "level",
    doubt: 1,
    hear: () => undefined,
    foretell(place, _steps, into) {
      let end = read(place, 0);
      const newest = middleOf(looked.subarray(0, end));
      const apart = middleOf(looked.slice(0, end).map((value) => Math.abs(value - newest)));
      for (let back = 1; back < WINDOWS && end > 0; back++) {
        const more = read(place - back * window, end);
        if (more === end || Math.abs(middleOf(looked.subarray(end, more)) - newest) > APART * apart) break;
        end = more;
      }
      into.fill(end === 0 ? Number.NaN : middleOf(looked.subarray(0, end)));
    },
  };
}

/** Of level, trend and what is left of the trend after each further step, 0 to 1. */
interface Damping {
  level: number;
  trend: number;
  left: number;
}

/** Holt's level and trend, and the trend wears off (Gardner and McKenzie, 1985); with the same caution against wild readings. */
export function dampedTrend(values: Float64Array, weights: Damping): Candidate {
  const start = startOf(values);
  const caution = new Caution(start.usual, CAUTION_RATE);
  let { level } = start;
  let trend = 0;
  return {
    method: "trend",
    doubt: 1,
    hear(value) {
      const expected = level + weights.left * trend;
      const believed = caution.believed(value - expected);
      level = expected + weights.level * believed;
      trend = weights.left * trend + weights.level * weights.trend * believed;
    },
    foretell(_place, steps, into) {
      const whole = (trend * weights.left) / (1 - weights.left);
      for (let index = 0; index < steps.length; index++) {
        into[index] = level + whole * (1 - Math.pow(weights.left, steps[index]!));
      }
    },
  };
}
