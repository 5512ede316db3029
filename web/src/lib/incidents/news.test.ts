import { expect, test } from "vitest";
import { newsOf } from "./news.ts";
import { incidentOf, resolvedOf } from "./testing.ts";

const NOW = 100_000;
const open = incidentOf("x", { openedAt: NOW - 1_000, updatedAt: NOW });

test("a critical incident that opens is told, with the way to it", () => {
  expect(newsOf("none", open, NOW)).toEqual({ text: "Critical: x is down", tone: "bad", href: "/alerts/x" });
  expect(newsOf("unknown", open, NOW)?.tone).toBe("bad");
});

test("one that becomes critical, or comes back, is told as well", () => {
  expect(newsOf({ ...open, severity: "warning" }, open, NOW)?.tone).toBe("bad");
  expect(newsOf(resolvedOf("x", NOW - 500), open, NOW)?.tone).toBe("bad");
});

test("one that was critical already is not told again, whatever else changes", () => {
  expect(newsOf(open, { ...open, members: 9 }, NOW)).toBeNull();
  expect(newsOf({ ...open, state: "acknowledged" }, open, NOW)).toBeNull();
  expect(newsOf(open, { ...open, state: "acknowledged" }, NOW)).toBeNull();
});

test("that it is over is told once", () => {
  const over = resolvedOf("x", NOW);
  expect(newsOf(open, over, NOW)).toEqual({ text: "Resolved: x is down", tone: "good", href: "/alerts/x" });
  expect(newsOf(over, over, NOW)).toBeNull();
  expect(newsOf("none", over, NOW)).toBeNull();
});

test("what may have been told long ago is no news", () => {
  expect(newsOf("unknown", incidentOf("x", { openedAt: 0 }), NOW)).toBeNull();
  expect(newsOf("unknown", resolvedOf("x", 1_000), NOW)).toBeNull();
});

test("warnings and silenced incidents interrupt nobody", () => {
  expect(newsOf("none", { ...open, severity: "warning" }, NOW)).toBeNull();
  expect(newsOf("none", { ...open, isSilenced: true }, NOW)).toBeNull();
});
