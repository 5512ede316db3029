import { describe, expect, it } from "vitest";
import type { StreamCursor } from "./cursor-store.ts";
import { turnOf } from "./schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T0 = Date.UTC(2026, 10, 26);

function cursor(more: Partial<StreamCursor> = {}): StreamCursor {
  const begun = { begunAt: T0, lastAt: T0, isAsked: false, stamp: T0, awakeAt: null, failures: 0, failedAt: null };
  return { stream: "metrics", to: "a", doneTo: null, rows: 0, missed: null, problem: null, ...begun, ...more };
}
const over = cursor({ stream: "instances", begunAt: null });
const streaming = { exportWay: "streaming", exportEveryHours: 6 } as const;
const merge = { ...streaming, exportWay: "merge" } as const;
const goesOn = (one: StreamCursor, way: typeof streaming | typeof merge, now: number) => {
  const turn = turnOf([over, one], way, now);
  return turn.kind === "go_on" && turn.with.includes(one);
};

describe("the turn of the export", () => {
  it("begins where it never did, where it is due and where somebody asks, and not before", () => {
    const kind = (one: StreamCursor, now: number) => turnOf([over, one], streaming, now).kind;
    expect(kind(cursor({ lastAt: null }), T0)).toBe("begin");
    expect(kind(cursor({ isAsked: true }), T0 + MINUTE)).toBe("begin");
    expect(kind(cursor(), T0 + 6 * HOUR)).toBe("begin");
    expect(kind(cursor(), T0 + 6 * HOUR - 1)).toBe("go_on");
    expect(kind(cursor(), T0 - 1)).toBe("clock_went_back");
    expect(turnOf([over], streaming, T0 + HOUR)).toEqual({ kind: "go_on", with: [] });
  });

  it("goes on at once, and after failures twice as late each time, an hour at most", () => {
    expect(goesOn(cursor(), streaming, T0 + 1)).toBe(true);
    const failed = (failures: number) => cursor({ failures, failedAt: T0 });
    expect([1, 2, 3].map((failures) => goesOn(failed(failures), streaming, T0 + 4 * MINUTE))).toEqual([
      true,
      true,
      false,
    ]);
    expect(goesOn(failed(40), streaming, T0 + HOUR - 1)).toBe(false);
    expect(goesOn(failed(40), streaming, T0 + HOUR)).toBe(true);
    expect(goesOn(cursor({ failures: 40, failedAt: T0 + HOUR }), streaming, T0 + 1)).toBe(true);
  });

  it("goes on by MERGE only as long as the warehouse is surely awake, and with nothing that has failed", () => {
    const awake = { awakeAt: T0 };
    expect(goesOn(cursor(awake), merge, T0 + 49_000)).toBe(true);
    expect(goesOn(cursor(awake), merge, T0 + 50_000)).toBe(false);
    expect(goesOn(cursor(awake), merge, T0 + 5 * HOUR)).toBe(false);
    expect(goesOn(cursor({ ...awake, failures: 1, failedAt: T0 }), merge, T0 + 10_000)).toBe(false);
    expect(goesOn(cursor(), merge, T0 + 5 * HOUR)).toBe(true);
  });
});
