import { expect, test } from "vitest";
import { firingsByDay, firingsBySubject, previewInWords } from "./days.ts";

const HOUR = 3_600_000;
const noon = new Date(2026, 5, 8, 12).getTime();
const from = new Date(2026, 5, 1, 12).getTime();
const firing = (day: number, hour: number, severity: "warning" | "critical" = "warning", subject = "a") => {
  const at = new Date(2026, 5, day, hour).getTime();
  return { severity, from: at, to: at + HOUR, subject, name: subject, worst: null };
};

test("firings stand on the day on which they began, and days without any are there too", () => {
  const days = firingsByDay({ from, to: noon, firings: [firing(8, 1), firing(3, 23, "critical"), firing(3, 0)] });
  expect(days.map(({ firings, criticals }) => [firings, criticals])).toEqual([
    [0, 0],
    [0, 0],
    [2, 1],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [1, 0],
  ]);
  expect(new Date(days[0]!.from).getHours()).toBe(0);
});

test("those for whom it fired most come first, one that still fires counts until now", () => {
  const open = { ...firing(8, 10, "critical", "b"), to: null };
  expect(firingsBySubject([open, firing(2, 1), firing(3, 1)], noon)).toEqual([
    { subject: "a", name: "a", times: 2, lasted: 2 * HOUR, severity: "warning" },
    { subject: "b", name: "b", times: 1, lasted: 2 * HOUR, severity: "critical" },
  ]);
});

test("the preview says for how many it speaks, and says no more than it knows", () => {
  const preview = { from, to: noon, subjects: 9, looked: 9, firings: [], note: null };
  const said = (change: Partial<typeof preview> & { firings?: never[] }) => previewInWords({ ...preview, ...change });
  expect(said({})).toBe("It would watch 9 subjects. In the last 7 days it would not have fired for any.");
  expect(said({ looked: 6 })).toContain("for any of 6 of them.");
  expect(said({ looked: 0 })).toBe("It would watch 9 subjects. What it would have done cannot be told.");
  expect(said({ subjects: 0, looked: 0 })).toContain("watch nobody");
  expect(previewInWords({ ...preview, subjects: 1, firings: [firing(2, 1)] })).toBe(
    "It would watch 1 subject. In the last 7 days it would have fired once, for 1.",
  );
});
