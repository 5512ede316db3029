/** How much of a change in how unsettled a series is goes into its intervals: 0 nothing, 1 all of it. */
const FOLLOWED = 0.25;
/** Nothing is so settled that it may not be a little unsettled. */
const ALWAYS = 0.1;

/** How unsettled a series has been lately, at each of these places, beside what is usual for it: 1 as usual, 2 twice as much. */
export function unsettledAt(values: Float64Array, origins: readonly number[], window: number): Float64Array {
  const weight = 2 / (window + 1);
  const lately = new Float64Array(origins.length);
  let change = Number.NaN;
  let last = Number.NaN;
  let place = 0;
  origins.forEach((origin, turn) => {
    for (; place < origin; place++) {
      const value = values[place]!;
      if (Number.isNaN(value)) continue;
      const by = Math.abs(value - last);
      if (!Number.isNaN(by)) change = Number.isNaN(change) ? by : change + weight * (by - change);
      last = value;
    }
    lately[turn] = change;
  });
  const mean = lately.reduce((sum, one) => sum + one, 0) / lately.length;
  return lately.map((one) => (mean > 0 ? Math.pow((one / mean + ALWAYS) / (1 + ALWAYS), FOLLOWED) : 1));
}
