import { expect, test } from "vitest";
import { pointTime, timeLabels } from "./time-labels.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (...parts: [number, number, number?, number?, number?, number?]) => new Date(...parts).getTime();

test("minutes and hours are told by the clock, midnight by its day", () => {
  expect(timeLabels([at(2026, 10, 24, 18), at(2026, 10, 25, 0), at(2026, 10, 25, 6)], 6 * HOUR)).toEqual([
    "18:00",
    "25 Nov",
    "06:00",
  ]);
});
test("below a minute the seconds count", () => {
  expect(timeLabels([at(2026, 10, 25, 9, 5, 30)], 30_000)).toEqual(["09:05:30"]);
});
test("a month of history is told by its days", () => {
  expect(timeLabels([at(2026, 9, 31), at(2026, 10, 2)], 2 * DAY)).toEqual(["31 Oct", "2 Nov"]);
});
test("years of history are told by months, with the year once and where it turns", () => {
  const marks = [at(2025, 10, 1), at(2026, 0, 1), at(2026, 2, 1)];
  expect(timeLabels(marks, 30 * DAY)).toEqual(["Nov 2025", "Jan 2026", "Mar"]);
  expect(timeLabels([at(2026, 0, 1)], 365 * DAY)).toEqual(["2026"]);
});

test("a sample is a moment, a merged point the span it stands for", () => {
  const moment = at(2026, 10, 25, 9, 5, 30);
  expect(pointTime(moment, 0, true)).toBe("09:05:30");
  expect(pointTime(moment, 0, false)).toBe("25 Nov 2026, 09:05");
  expect(pointTime(at(2026, 10, 25, 9), 5 * MINUTE, true)).toBe("09:00 – 09:05");
  expect(pointTime(at(2026, 10, 25, 9), 30_000, true)).toBe("09:00:00 – 09:00:30");
  expect(pointTime(at(2026, 10, 25, 9), HOUR, false)).toBe("25 Nov 2026, 09:00 – 10:00");
  expect(pointTime(at(2026, 10, 25), DAY, false)).toBe("25 Nov 2026 – 26 Nov 2026");
});
