import { describe, expect, it } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import { byItsSlope } from "./steady-slope.ts";

const HOUR = 3_600_000;
const NOW = 1_795_600_800_000;
const series = (valueAt: (hoursAgo: number) => number, hours = 24 * 20) => ({
  from: NOW - hours * HOUR,
  stepMs: HOUR,
  values: Float64Array.from({ length: hours }, (_, place) => valueAt(hours - place - 0.5)),
});

describe("a disk that has begun to fill since yesterday", () => {
  it("is full when its slope says so, and nobody is very sure of it", () => {
    const chance = new Chance(7);
    const filling = series((ago) => (ago > 20 ? 0.4 : 0.4 + (20 - ago) * 0.02) + chance.between(-0.002, 0.002));
    const found = byItsSlope(filling, 1, NOW)!;
    // At 80 % and two points an hour: ten hours.
    expect(Math.abs(found.at - (NOW + 10 * HOUR))).toBeLessThan(HOUR);
    expect(found.fromAt).toBeLessThanOrEqual(found.at);
    expect(found.toAt).toBeGreaterThanOrEqual(found.at);
    expect(found.confidence).toBeGreaterThan(0.3);
    expect(found.confidence).toBeLessThanOrEqual(0.6);
    expect(found.backTest).toBeNull();
  });

  it("is not foretold where it is still, wanders, or was not heard", () => {
    const chance = new Chance(8);
    expect(
      byItsSlope(
        series(() => 0.4 + chance.between(-0.01, 0.01)),
        1,
        NOW,
      ),
    ).toBeNull();
    expect(
      byItsSlope(
        series((ago) => 0.4 + 0.2 * Math.sin(ago / 4)),
        1,
        NOW,
      ),
    ).toBeNull();
    expect(
      byItsSlope(
        series((ago) => (ago < 12 ? NaN : 0.4 + (100 - ago) * 0.001)),
        1,
        NOW,
      ),
    ).toBeNull();
  });
});
