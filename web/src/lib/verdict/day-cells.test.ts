import { describe, expect, test } from "vitest";
import { dayCells, dayInWords, daysInWords, pathsOf } from "./day-cells.ts";

const NOW = Date.parse("2026-11-25T22:00:00Z");
const day = (name: string, over: object = {}) => ({
  day: name,
  upSeconds: 86_400,
  degradedSeconds: 0,
  downSeconds: 0,
  unknownSeconds: 0,
  ...over,
});

describe("cells of days", () => {
  test("none is left out, and the last is today", () => {
    const cells = dayCells([day("2026-11-24"), day("2026-11-25")], NOW);
    expect(cells).toHaveLength(90);
    expect(cells[0]!.day).toBe("2026-08-28");
    expect(cells.slice(-3).map(({ day: name, tone }) => [name, tone])).toEqual([
      ["2026-11-23", "none"],
      ["2026-11-24", "up"],
      ["2026-11-25", "up"],
    ]);
  });

  test.each([
    [{ downSeconds: 1 }, "downSome"],
    [{ upSeconds: 43_200, downSeconds: 43_200 }, "down"],
    [{ degradedSeconds: 60 }, "degradedSome"],
    [{ upSeconds: 0, degradedSeconds: 86_400 }, "degraded"],
    [{ degradedSeconds: 80_000, downSeconds: 1 }, "downSome"],
    [{ upSeconds: 0, unknownSeconds: 86_400 }, "none"],
  ])("however short trouble was, its day is not green: %j is %s", (over, tone) =>
    expect(dayCells([day("2026-11-25", over)], NOW).at(-1)!.tone).toBe(tone),
  );

  test("the share nobody knows of is drawn as no data, and the rest in its own colour", () => {
    const cells = dayCells([day("2026-11-25", { upSeconds: 43_200, unknownSeconds: 43_200 })], NOW, 1);
    expect(cells[0]!.unknownShare).toBe(0.5);
    const paths = pathsOf(cells, 3, 1, 32);
    expect(paths.get("none")).toBe("M0 0h2v16h-2z");
    expect(paths.get("up")).toBe("M0 16h2v16h-2z");
  });

  test("a whole row is as many paths as it has colours", () => {
    const cells = dayCells([day("2026-11-24", { downSeconds: 9 }), day("2026-11-25")], NOW);
    expect([...pathsOf(cells, 3, 1, 32).keys()].sort()).toEqual(["downSome", "none", "up"]);
  });
});

test("a day is told with its date, its ratio and what nobody knows", () => {
  const words = dayInWords({
    day: "2026-11-24",
    uptime: day("", { upSeconds: 86_220, downSeconds: 180, unknownSeconds: 60 }),
  });
  expect(words).toEqual({ day: "Tue 24 Nov", text: "99.79 % up: down 3 min, 1 min unknown" });
  expect(dayInWords({ day: "2026-11-24", uptime: null }).text).toBe("No data");
});

test("whoever does not see the picture hears what is in it", () => {
  const cells = dayCells([day("2026-11-24", { downSeconds: 9 }), day("2026-11-25")], NOW);
  expect(daysInWords(cells, 0.9999)).toBe(
    "Uptime of the last 90 days: 99.99 %, 1 day with an outage, 88 days without data",
  );
  expect(daysInWords(dayCells([], NOW), null)).toBe("Uptime of the last 90 days: unknown, 90 days without data");
});
