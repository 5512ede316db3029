import { describe, expect, test } from "vitest";
import { chartDataOf, trimBefore } from "./columns.ts";
import { LiveEnd } from "./live-end.ts";
import { WINDOWS } from "./windows.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const setup = (at: number[], values: (number | null)[], over: { stepMs?: number; to?: number; key?: string } = {}) => {
  const { stepMs = 0, to = at.at(-1) ?? 0, key = "load_1m" } = over;
  const series = { [key]: { mean: values } };
  const data = chartDataOf({ from: 0, to, stepMs, tier: "raw", blocksUnreadable: 0, at, series }, [key]);
  return { data, line: data.lines[0]!, end: new LiveEnd(data, [key], { stepMs, windowMs: HOUR, to, pauseMs: 90_000 }) };
};

describe("where every point is a sample", () => {
  test("a sample is a point, and what it does not carry is a gap", () => {
    const { data, line, end } = setup([0, 30_000], [1, 2]);
    expect(end.add(60_000, { load_1m: 3 })).toBe("added");
    expect(end.add(90_000, {})).toBe("added");
    expect(data.at).toEqual([0, 30_000, 60_000, 90_000]);
    expect(line.mean).toEqual([1, 2, 3, null]);
    expect(line.max).toEqual([1, 2, 3, null]);
  });
  test("one that is there already is not drawn twice", () => {
    const { data, end } = setup([0, 30_000], [1, 2]);
    expect(end.add(30_000, { load_1m: 9 })).toBe("known");
    expect(data.at).toHaveLength(2);
  });
  test("a pause before it is drawn as a gap", () => {
    const { data, line, end } = setup([0], [1]);
    end.add(90_001, { load_1m: 5 });
    expect(data.at).toEqual([0, 1, 90_001]);
    expect(line.mean).toEqual([1, null, 5]);
  });
  test("an empty chart begins with what comes", () => {
    const { data, end } = setup([], []);
    expect(end.add(5, { load_1m: 1 })).toBe("added");
    expect(data.at).toEqual([5]);
  });
});

describe("where samples were merged", () => {
  test("a sample within the step becomes part of the last point, weighed by the time it stands for", () => {
    // The point has stood for half an hour; ten seconds more change little, however often they were read.
    const { data, line, end } = setup([0, HOUR], [1, 1], { stepMs: HOUR, to: 1.5 * HOUR });
    for (let second = 1; second <= 10; second += 1) {
      expect(end.add(1.5 * HOUR + second * 1_000, { load_1m: 10 })).toBe("folded");
    }
    expect(data.at).toEqual([0, HOUR]);
    expect(line.mean[1]).toBeCloseTo((1_800 * 1 + 10 * 10) / 1_810, 6);
    expect([line.min[1], line.max[1]]).toEqual([1, 10]);
  });
  test("a sample behind the step begins the next point, where the grid of the history has it", () => {
    const { data, line, end } = setup([0, HOUR], [1, 1], { stepMs: HOUR, to: 1.5 * HOUR });
    expect(end.add(2 * HOUR + 1_000, { load_1m: 7 })).toBe("added");
    expect(end.add(2 * HOUR + 2_000, { load_1m: 9 })).toBe("folded");
    expect(data.at).toEqual([0, HOUR, 2 * HOUR]);
    expect(line.mean[2]).toBeGreaterThan(7);
    expect(line.mean[2]).toBeLessThan(9);
  });
  test("steps without a sample are a gap", () => {
    const { data, line, end } = setup([0], [1], { stepMs: HOUR, to: HOUR });
    end.add(5.5 * HOUR, { load_1m: 2 });
    expect(data.at).toEqual([0, 1, 5 * HOUR]);
    expect(line.mean).toEqual([1, null, 2]);
  });
  test("what the reply covers already does not count again", () => {
    const { line, end } = setup([0], [1], { stepMs: HOUR, to: 0.5 * HOUR });
    expect(end.add(0.4 * HOUR, { load_1m: 100 })).toBe("known");
    expect(line.mean).toEqual([1]);
  });
  test("a counter has its last value", () => {
    const { line, end } = setup([0], [1_000], { stepMs: HOUR, to: 0.5 * HOUR, key: "uptime_seconds" });
    end.add(0.5 * HOUR + 1_000, { uptime_seconds: 1_900 });
    expect(line.mean).toEqual([1_900]);
  });
  test("a point without a value takes the first that comes, and a sample without one changes nothing", () => {
    const { line, end } = setup([0], [null], { stepMs: HOUR, to: 0.5 * HOUR });
    end.add(0.5 * HOUR + 1_000, { load_1m: 4 });
    end.add(0.5 * HOUR + 2_000, {});
    expect(line).toEqual({ mean: [4], min: [4], max: [4] });
  });
});

describe("a page that is open for days, with a reading every second", () => {
  test.each(WINDOWS.map(({ value, span }) => [value, span] as const))("stays small at %s", (_, windowMs) => {
    // As the server gives it: at most about a thousand points, merged where there would be more.
    const stepMs = windowMs / 1_000 > 30_000 ? windowMs / 1_000 : 0;
    const at = Array.from({ length: 1_000 }, (_, index) => (index - 999) * (windowMs / 1_000));
    const key = "load_1m";
    const series = { [key]: { mean: at.map(() => 1) } };
    const data = chartDataOf({ from: -windowMs, to: 0, stepMs, tier: "raw", blocksUnreadable: 0, at, series }, [key]);
    const end = new LiveEnd(data, [key], { stepMs, windowMs, to: 0, pauseMs: 90_000 });
    let most = 0;
    for (let now = 1_000; now <= 3 * DAY; now += 1_000) {
      end.add(now, { [key]: 1 });
      trimBefore(data, now - windowMs);
      most = Math.max(most, data.at.length);
    }
    expect(most).toBeLessThan(5_200);
    expect(data.lines[0]!.mean).toHaveLength(data.at.length);
    // The times still grow, or nothing could be drawn.
    expect(data.at.every((time, row) => row === 0 || time > data.at[row - 1]!)).toBe(true);
  });
});
