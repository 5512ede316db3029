import { describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import type { EvenSeries } from "./local/even-series.ts";
import { settledAt, watchOn, type Watch } from "./watch.ts";

const STEP = 300_000;
const HOUR = 12 * STEP;
const DAY = 24 * HOUR;
const START = Math.floor(1_795_600_000_000 / DAY) * DAY;
const KEY = "cpu_busy_ratio";

/** Days and nights, with two troubles. */
function past(chance: Chance, days: number): Float64Array {
  const troubles = [chance.between(8, days - 2), days - 0.2].map((day) => Math.floor(day * 288));
  return Float64Array.from({ length: days * 288 }, (_, place) => {
    const isTrouble = troubles.some((from) => place >= from && place < from + 9);
    const day = 0.3 - 0.2 * Math.cos((2 * Math.PI * place) / 288);
    return isTrouble ? 0.95 : day + chance.between(-0.02, 0.02);
  });
}

const window = (values: Float64Array, from: number, to: number): Map<string, EvenSeries> =>
  new Map([[KEY, { from, stepMs: STEP, values: values.slice((from - START) / STEP, (to - START) / STEP) }]]);

describe("a watch", () => {
  it("that goes on hour by hour, at any hours, with restarts in between, sees what one that never stopped sees", () => {
    const chance = new Chance();
    console.log(`seed ${chance.seed}`);
    const days = 14;
    const values = past(chance, days);
    const end = START + days * DAY;
    const whole = watchOn(undefined, window(values, START, end), end);

    let watch: Watch | undefined;
    let spans = whole.spans;
    for (let now = START + 2 * DAY; ; now = Math.min(end, now + chance.between(1, 30) * HOUR)) {
      const to = Math.floor(now / STEP) * STEP;
      const from = Math.floor((watch?.upTo ?? START) / HOUR) * HOUR;
      const { settled, ...seen } = watchOn(watch, window(values, from, to), now);
      spans = seen.spans;
      // Some are lost on the way to where they are kept: then it goes on from the one before.
      if (settled && !chance.happens(0.3)) watch = JSON.parse(JSON.stringify(settled)) as Watch;
      if (now === end) break;
    }
    expect(spans).toEqual(whole.spans);
    expect(spans.some(({ to }) => to > end - 6 * HOUR)).toBe(true);
  });

  it("keeps what is settled only, so that samples handed in late are seen in their order", () => {
    const chance = new Chance(3);
    const values = past(chance, 10);
    const now = START + 9.9 * DAY;
    const { settled } = watchOn(undefined, window(values, START, Math.floor(now / STEP) * STEP), now);
    expect(settled!.upTo).toBe(settledAt(now));
    expect(settled!.upTo).toBeLessThanOrEqual(now - HOUR);
    const again = watchOn(settled!, window(values, settled!.upTo, Math.floor(now / STEP) * STEP), now);
    expect(again.settled).toBeNull();
  });

  it("tells of what stood out for a week, also where nothing is heard any more", () => {
    const values = past(new Chance(5), 12);
    const end = START + 12 * DAY;
    const { settled } = watchOn(undefined, window(values, START, end), end + 2 * HOUR);
    const later = watchOn(settled!, new Map(), end + 3 * DAY);
    expect(later.spans.length).toBeGreaterThan(0);
    expect(watchOn(later.settled ?? settled!, new Map(), end + 9 * DAY).spans).toEqual([]);
  });

  it("does not take a gap for a reading", () => {
    const values = past(new Chance(6), 12);
    values.fill(NaN, 10 * 288, 11 * 288);
    const end = START + 12 * DAY;
    const { spans } = watchOn(undefined, window(values, START, end), end);
    expect(spans.filter(({ from }) => from >= START + 10 * DAY && from < START + 11 * DAY)).toEqual([]);
  });
});
