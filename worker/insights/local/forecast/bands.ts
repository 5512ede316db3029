/** How much further ahead the next band begins. */
const GROWS = 1.4;
/** Of each band so many steps are looked at in the past, all of those near and some of those far. */
const STEPS_MAX = 5;

/** Steps ahead in bands that widen: what is true three days ahead is about as true three days and five hours ahead. */
export interface Bands {
  horizon: number;
  count: number;
  /** The steps that are looked at in the past, from 1, and which band each is of. */
  steps: Int32Array;
  bandOf: Int32Array;
  /** Every step up to the horizon lies between the middles of two bands: the first of the two, and how near it is to the other, 0 to 1. */
  before: Int32Array;
  share: Float64Array;
}

export function bandsTo(horizon: number): Bands {
  const edges = [0];
  for (let wide = 1; edges.at(-1)! < horizon; wide *= GROWS) {
    edges.push(Math.min(horizon, Math.max(edges.at(-1)! + 1, Math.round(wide))));
  }
  const count = edges.length - 1;
  const steps: number[] = [];
  const bandOf: number[] = [];
  for (let band = 0; band < count; band++) {
    const width = edges[band + 1]! - edges[band]!;
    const few = Math.min(width, STEPS_MAX);
    for (let index = 0; index < few; index++) {
      steps.push(edges[band]! + Math.ceil(((index + 0.5) * width) / few));
      bandOf.push(band);
    }
  }
  const middles = edges.slice(1).map((edge, band) => Math.log((edge + edges[band]! + 1) / 2));
  const before = new Int32Array(horizon);
  const share = new Float64Array(horizon);
  for (let index = 0, band = 0; index < horizon; index++) {
    const at = Math.log(index + 1);
    while (band < count - 2 && middles[band + 1]! <= at) band++;
    before[index] = band;
    const next = middles[Math.min(count - 1, band + 1)]!;
    share[index] =
      next > middles[band]! ? Math.max(0, Math.min(1, (at - middles[band]!) / (next - middles[band]!))) : 0;
  }
  return { horizon, count, steps: Int32Array.from(steps), bandOf: Int32Array.from(bandOf), before, share };
}

/** What is known of each band, at a step (counted from 0): between two bands something between. */
export function between(ofBands: Float64Array, { before, share, count }: Bands, step: number): number {
  const band = before[step]!;
  const near = share[step]!;
  return near === 0 ? ofBands[band]! : (1 - near) * ofBands[band]! + near * ofBands[Math.min(count - 1, band + 1)]!;
}
