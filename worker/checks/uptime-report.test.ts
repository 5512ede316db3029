import { describe, expect, it } from "vitest";
import type { UptimeDay } from "./table.ts";
import { keptWith, reportOf } from "./uptime-report.ts";
import { accrue, type UptimeState } from "./uptime.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TODAY = 20_782;
const MIDNIGHT = TODAY * DAY;
const well = (ago: number): UptimeDay => [TODAY - ago, 86_400, 0, 0, 0];
const uptime = (up: number, degraded: number, down: number, unknown: number) => ({
  upSeconds: up,
  degradedSeconds: degraded,
  downSeconds: down,
  unknownSeconds: unknown,
});

/** Ticks from `from` to `to`, down while `isDown`. */
function ticks(from: number, to: number, isDown: (at: number) => boolean): UptimeState {
  let state: UptimeState | null = null;
  for (let at = from; at <= to; at += 2 * MINUTE)
    state = accrue(state, { at, verdict: isDown(at) ? "down" : "up" }, 2 * MINUTE);
  return state!;
}

describe("the report", () => {
  const stored = {
    older: Array.from({ length: 276 }, (_, index) => well(365 - index)),
    recent: Array.from({ length: 89 }, (_, index): UptimeDay => [TODAY - 89 + index, 86_000, 100, 200, 100]),
  };

  it("tells each span with today, and today from the state", () => {
    const now = MIDNIGHT + 6 * HOUR;
    const { spans, days } = reportOf(
      stored,
      ticks(MIDNIGHT, now, (at) => at < MIDNIGHT + HOUR),
      now,
    );
    const today = uptime(5 * 3_600, 0, 3_600, 0);
    expect(spans.week).toEqual(uptime(6 * 86_000 + 5 * 3_600, 600, 1_200 + 3_600, 600));
    expect(spans.month.degradedSeconds).toBe(2_900);
    expect(spans.quarter.degradedSeconds).toBe(8_900);
    expect(spans.year.upSeconds).toBe(275 * 86_400 + 89 * 86_000 + 5 * 3_600);
    expect(days).toHaveLength(90);
    expect(days.at(-1)).toEqual({ day: "2026-11-25", ...today });
    expect(days[0]).toEqual({ day: "2026-08-28", ...uptime(86_000, 100, 200, 100) });
  });

  it.each<[downHour: number, downSeconds: number]>([
    [-19, 0],
    [-18, 1_800],
    // Half of the first hour is within, and where in it is not known.
    [-17.5, 2_700],
    [-17, 3_600],
    [-2, 3_600],
    [6, 1_800],
  ])(
    "of the last 24 hours is of so many, over midnight: down from hour %d to the next, %i s",
    (downHour, downSeconds) => {
      const downAt = MIDNIGHT + downHour * HOUR;
      const now = MIDNIGHT + 6.5 * HOUR;
      const state = ticks(now - 2 * DAY, now, (at) => at >= downAt && at < downAt + HOUR);
      const { day } = reportOf({ recent: [], older: [] }, state, now).spans;
      expect(day.upSeconds + day.downSeconds).toBe(86_400);
      expect(day.downSeconds).toBe(downSeconds);
    },
  );

  it("of the last 24 hours has nothing of a check that was paused two days ago", () => {
    const state = ticks(MIDNIGHT - 3 * DAY, MIDNIGHT - 2 * DAY, () => true);
    expect(reportOf({ recent: [], older: [] }, state, MIDNIGHT).spans).toMatchObject({
      day: uptime(0, 0, 0, 0),
      week: uptime(0, 0, 86_400, 0),
    });
  });

  it("leaves out days before the first round, and days that a wrong clock has put into the future", () => {
    const { days } = reportOf({ recent: [well(3), [TODAY - 2, 0, 0, 0, 0], well(-1)], older: [] }, null, MIDNIGHT);
    expect(days.map(({ day }) => day)).toEqual(["2026-11-22"]);
  });
});

describe("what is stored", () => {
  it("is a finished day with what was stored of it, ninety days in recent, and the rest of the year in older", () => {
    const recent = Array.from({ length: 90 }, (_, index) => well(90 - index));
    const older = Array.from({ length: 300 }, (_, index) => well(390 - index));
    const kept = keptWith({ recent, older }, [[TODAY - 1, 0, 0, 7, 0]], MIDNIGHT + MINUTE);
    expect(kept.recent.map(([day]) => TODAY - day)).toEqual(Array.from({ length: 89 }, (_, index) => 89 - index));
    expect(kept.recent.at(-1)).toEqual([TODAY - 1, 86_400, 0, 7, 0]);
    expect(kept.older.map(([day]) => TODAY - day)).toEqual(Array.from({ length: 276 }, (_, index) => 365 - index));
  });
});
