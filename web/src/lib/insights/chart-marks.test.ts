import { expect, test } from "vitest";
import { chartMarks, lineInWords } from "./chart-marks.ts";
import { drawingOf } from "./drawing.ts";

const HOUR = 3_600_000;
const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();
const FRAME = { width: 320, height: 76, left: 0, right: 0, top: 4, bottom: 16 };
const marksOf = (from: number, to: number, now: number) => {
  const chart = { subjects: ["a"], metrics: ["cpu_busy_ratio"], from, to, limit: null, band: null, spans: [] };
  return chartMarks(drawingOf(chart, [], FRAME, now), FRAME, now, false).times.map(({ text }) => text);
};

test("days begin where the reader's own do", () => {
  expect(marksOf(at(20, 15), at(26, 12), at(26, 12))).toEqual(["23 Nov", "25 Nov"]);
});

test("hours say of which day they are", () => {
  expect(marksOf(at(24, 4), at(24, 20), at(26, 12))).toEqual(["24 Nov, 06:00", "12:00", "18:00"]);
  expect(marksOf(at(24, 20), at(25, 4), at(26, 12))).toContain("25 Nov");
});

test("where something lies ahead, now is said, and nothing else beside it", () => {
  const now = at(24, 1);
  const words = marksOf(now - 72 * HOUR, now + 72 * HOUR, now);
  expect(words).toContain("now");
  expect(words).not.toContain("24 Nov");
});

test("a line is called by what tells it from the others", () => {
  const names = (id: string) => id.toUpperCase();
  const one = { subject: "a", metric: "filesystem_used_ratio:/var" };
  expect(lineInWords(one, { subjects: ["a"], metrics: [one.metric] }, names)).toBe("Filesystem used /var");
  expect(lineInWords(one, { subjects: ["a", "b"], metrics: [one.metric] }, names)).toBe("A");
  expect(lineInWords(one, { subjects: ["a", "b"], metrics: [one.metric, "load_5m"] }, names)).toBe(
    "A: Filesystem used /var",
  );
});
