import { beforeEach, expect, test } from "vitest";
import { Timeline } from "./sync.svelte.ts";

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const never = () => new Promise<never>(() => {});
const raw = { stepMs: 0, tier: "raw", blocksUnreadable: 0 } as const;
let timeline: Timeline;
beforeEach(() => void (timeline = new Timeline(never, HOUR, 1_000)));

test("the right edge follows every second of an hour, and a year only when it would show", () => {
  timeline.advance(2_000);
  expect(timeline.to).toBe(2_000);
  timeline.show(YEAR);
  timeline.advance(3_000);
  expect(timeline.to).toBe(2_000);
  timeline.advance(2_000 + YEAR / 1_000);
  expect(timeline.to).toBe(2_000 + YEAR / 1_000);
});

test("what is loaded reaches up to this very moment, however long the window", () => {
  timeline.show(YEAR);
  timeline.advance(60_000);
  timeline.reload();
  expect(timeline.range).toEqual({ from: 60_000 - YEAR, to: 60_000 });
});

test("how closely a window is shown is learnt from all its charts, and anew for another window", () => {
  timeline.learn(0, raw);
  timeline.learn(0, { ...raw, stepMs: 300_000, tier: "fiveMinutes" });
  expect(timeline.resolution).toEqual({ stepMs: 300_000, tier: "fiveMinutes", blocksUnreadable: 0 });
  timeline.learn(1, { ...raw, blocksUnreadable: 1 });
  expect(timeline.resolution).toEqual({ ...raw, blocksUnreadable: 1 });
});

test("a zoomed chart hears nothing until the zoom is left", () => {
  const heard: number[] = [];
  timeline.onReading(({ at }) => heard.push(at));
  timeline.zoomTo({ from: 0, to: 500 });
  timeline.hear({ at: 2_000, metrics: {} });
  timeline.reset();
  timeline.hear({ at: 3_000, metrics: {} });
  expect(heard).toEqual([3_000]);
});

test("what lies ahead is shown beyond the right edge, but never loaded, and not while a time is zoomed", () => {
  timeline.aheadMs = 500;
  expect(timeline.shown).toEqual({ from: 1_000 - HOUR, to: 1_500 });
  expect(timeline.range.to).toBe(1_000);
  timeline.zoomTo({ from: 0, to: 400 });
  expect(timeline.shown).toEqual({ from: 0, to: 400 });
});
