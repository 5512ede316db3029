import { describe, expect, it } from "vitest";
import type { Verdict } from "../../contract/verdict.ts";
import { firingsOf, verdictPoints, type HistoryPoint } from "./preview.ts";
import type { Measure } from "./rule-state.ts";

const START = 1_790_000_000_000;
const MINUTE = 60_000;

const measure = (own: Partial<Measure> = {}): Measure => ({
  warning: 80,
  critical: 90,
  recovery: null,
  isHighBad: true,
  holdMs: 0,
  keepFiringMs: 0,
  gapMs: 3 * MINUTE,
  ...own,
});
const at = (minute: number) => START + minute * MINUTE;
const points = (values: (number | null)[]): HistoryPoint[] =>
  values.map((value, minute) => ({ at: at(minute), value }));

describe("when it would have fired", () => {
  it("is never where nothing was read, or all was well", () => {
    expect(firingsOf([], measure())).toEqual([]);
    expect(firingsOf(points([null, null, null]), measure())).toEqual([]);
    expect(firingsOf(points([10, 79, 10]), measure())).toEqual([]);
  });

  it("is told with its beginning, its end and the worst of it", () => {
    expect(firingsOf(points([10, 85, 88, 82, 10, 10, 95, 10]), measure())).toEqual([
      { severity: "warning", from: at(1), to: at(4), worst: 88 },
      { severity: "critical", from: at(6), to: at(7), worst: 95 },
    ]);
  });

  it("has no end where it would fire now", () => {
    expect(firingsOf(points([10, 85, 86]), measure())).toEqual([
      { severity: "warning", from: at(1), to: null, worst: 86 },
    ]);
    expect(firingsOf(points([85, 10]), measure({ keepFiringMs: 5 * MINUTE }))).toMatchObject([{ to: null }]);
  });

  it("is as bad as it ever was, also where it eased or was worse before its end", () => {
    expect(firingsOf(points([85, 95, 85, 85, 10]), measure())).toEqual([
      { severity: "critical", from: at(0), to: at(4), worst: 95 },
    ]);
  });

  it("knows the worst where less is worse", () => {
    const low = measure({ warning: 20, critical: 10, isHighBad: false });
    expect(firingsOf(points([50, 15, 12, 18, 50]), low)).toEqual([
      { severity: "warning", from: at(1), to: at(4), worst: 12 },
    ]);
  });

  it("waits for the hold, as in life, and a gap begins it anew", () => {
    const held = measure({ holdMs: 2 * MINUTE });
    expect(firingsOf(points([85, 85, 10, 85, 85, 85, 10]), held)).toMatchObject([{ from: at(5), to: at(6) }]);
    // One that is missing is no gap yet, four are.
    expect(firingsOf(points([85, null, 85, 10]), held)).toMatchObject([{ from: at(2), to: at(3) }]);
    expect(firingsOf(points([85, null, null, null, 85, 85]), held)).toEqual([]);
  });

  it("takes the points as they come, once", () => {
    function* once() {
      yield* points([85, 10]);
    }
    expect(firingsOf(once(), measure())).toHaveLength(1);
  });
});

describe("a verdict as points", () => {
  type Change = [minute: number, verdict: Verdict | null];
  const read = (changes: Change[], to: number, step = 5) =>
    [
      ...verdictPoints(
        changes.map(([minute, verdict]) => ({ at: at(minute), verdict })),
        at(0),
        at(to),
        step * MINUTE,
      ),
    ].map((point) => [(point.at - START) / MINUTE, point.value]);

  it("is there every step, from the beginning to the end", () => {
    expect(read([[-60, "up"]], 15)).toEqual([
      [0, 0],
      [5, 0],
      [10, 0],
      [15, 0],
    ]);
    expect(read([[-60, "down"]], 12)).toEqual([
      [0, 2],
      [5, 2],
      [10, 2],
    ]);
  });

  it("is there whenever it changes, and steps stay where they were", () => {
    expect(
      read(
        [
          [0, "up"],
          [3, "down"],
          [4, "degraded"],
          [10, "up"],
        ],
        12,
      ),
    ).toEqual([
      [0, 0],
      [3, 2],
      [4, 1],
      [5, 1],
      [10, 0],
    ]);
  });

  it("begins with what was last found before", () => {
    expect(
      read(
        [
          [-60, "down"],
          [-30, "up"],
        ],
        0,
      ),
    ).toEqual([[0, 0]]);
  });

  it("is nothing before the first, and while nobody could tell", () => {
    expect(read([], 5)).toEqual([
      [0, null],
      [5, null],
    ]);
    expect(
      read(
        [
          [2, "down"],
          [7, "unsure"],
          [9, null],
        ],
        10,
      ),
    ).toEqual([
      [0, null],
      [2, 2],
      [5, 2],
      [7, null],
      [9, null],
      [10, null],
    ]);
  });

  it("of two at one moment the later counts", () => {
    expect(
      read(
        [
          [1, "down"],
          [1, "up"],
        ],
        4,
      ),
    ).toEqual([
      [0, null],
      [1, 0],
    ]);
  });

  it("what comes after the end is left out", () => {
    expect(
      read(
        [
          [0, "up"],
          [6, "down"],
        ],
        5,
      ),
    ).toEqual([
      [0, 0],
      [5, 0],
    ]);
  });

  it("makes a rule fire from the change until it is over, though it is written down only then", () => {
    const changes = [
      { at: at(-600), verdict: "up" as const },
      { at: at(61), verdict: "down" as const },
      { at: at(147), verdict: "up" as const },
    ];
    const down = measure({ warning: null, critical: 2, holdMs: 5 * MINUTE, gapMs: 20 * MINUTE });
    expect(firingsOf(verdictPoints(changes, at(0), at(300), 5 * MINUTE), down)).toEqual([
      { severity: "critical", from: at(70), to: at(147), worst: 2 },
    ]);
  });
});
