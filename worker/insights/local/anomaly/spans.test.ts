import { describe, expect, it } from "vitest";
import { ANOMALY_GOES_ON_FROM, ANOMALY_SCORE_FROM, joinAnomalies, type ScoredPoint } from "./spans.ts";

const STEP = 300_000;
const TOLD = ANOMALY_SCORE_FROM + 0.2;
const GOES_ON = ANOMALY_GOES_ON_FROM + 0.1;

/** Usual is from 10 to 20. */
function point(step: number, value: number, score: number, more: Partial<ScoredPoint> = {}): ScoredPoint {
  return { at: step * STEP, value, score, usualLow: 10, usualHigh: 20, ...more };
}

describe("spans of what was unusual", () => {
  it("are one for one trouble: from what was told of, while readings go on outside of what is usual, with its worst reading", () => {
    const points = [
      point(0, 15, 0.1),
      point(1, 30, TOLD),
      point(2, 60, GOES_ON),
      point(3, 40, GOES_ON),
      point(4, 15, GOES_ON),
      point(5, 15, 0),
    ];
    expect(joinAnomalies(points)).toEqual([
      { from: STEP, to: 4 * STEP, peakAt: 2 * STEP, value: 60, score: TOLD, usualLow: 10, usualHigh: 20 },
    ]);
  });

  it("take in what is told of again within an hour, and begin anew after it", () => {
    const told = (...steps: number[]) => joinAnomalies(steps.map((step) => point(step, 5, TOLD)));
    expect(told(0, 13)).toHaveLength(1);
    expect(told(0, 14)).toHaveLength(2);
  });

  it("have the highest score of their readings, and the peak is the reading farthest out, low or high", () => {
    const [span] = joinAnomalies([point(0, 22, 0.6), point(1, -40, 0.5), point(2, 25, 0.9)]);
    expect(span).toMatchObject({ peakAt: STEP, value: -40, score: 0.9 });
  });

  it("never begin with what only goes on", () => {
    expect(joinAnomalies([point(0, 90, GOES_ON), point(1, 90, GOES_ON)])).toEqual([]);
  });

  it("are of one reading where nothing is known of what is usual, and as long as its step", () => {
    const unknown = { usualLow: null, usualHigh: null };
    const points = [point(0, 90, TOLD, unknown), point(1, 95, GOES_ON, unknown)];
    expect(joinAnomalies(points, 60_000)).toEqual([
      { from: 0, to: 60_000, peakAt: 0, value: 90, score: TOLD, ...unknown },
    ]);
    expect(joinAnomalies([])).toEqual([]);
  });
});
