import { describe, expect, it } from "vitest";
import { bytesOf, fitted, fittedLines, htmlOf, laidOut, signOf } from "./fit.ts";

describe("a text that has to fit", () => {
  it.each([
    ["web-1 is down", 13, "web-1 is down"],
    ["web-1 is down", 12, "web-1 is do…"],
    ["web-1 is down", 7, "web-1…"],
    ["🔥🔥🔥", 6, "🔥🔥🔥"],
    ["🔥🔥🔥", 4, "🔥…"],
    ["", 5, ""],
  ])("%j in %i characters is %j", (text, max, expected) => {
    expect(fitted(text, max)).toBe(expected);
    expect(fitted(text, max).length).toBeLessThanOrEqual(max);
  });

  it("is measured as it is written, and what stands for a sign is never torn", () => {
    for (let max = 2; max < 40; max++) {
      const text = fitted("a & b <c> & d", max, { written: htmlOf });
      expect(text.length).toBeLessThanOrEqual(max);
      expect(text).not.toMatch(/&(?!(amp|lt|gt);)/);
    }
  });

  it("is measured in bytes where bytes are what counts", () => {
    for (let max = 4; max < 40; max++) {
      const text = fitted("käse 漢字 🔥 käse 漢字 🔥", max, { sizeOf: bytesOf });
      expect(bytesOf(text)).toBeLessThanOrEqual(max);
      expect(text).not.toContain("\uFFFD");
    }
  });
});

describe("lines that have to fit", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);

  it("are all there where there is room", () => {
    expect(fittedLines(lines, 200)).toBe(lines.join("\n"));
  });

  it("say how many are left out, at every length", () => {
    for (let max = 0; max < 160; max++) {
      const text = fittedLines(lines, max);
      expect(text.length).toBeLessThanOrEqual(max);
      const [, left] = /… and (\d+) more$/.exec(text) ?? [];
      if (left !== undefined) expect(text.split("\n").length - 1 + Number(left)).toBe(20);
    }
  });

  it("give way to what is around them", () => {
    const parts = { head: ["head"], facts: lines, foot: ["foot"] };
    expect(laidOut(parts, 60)).toBe("head\n\nline 0\nline 1\nline 2\n… and 17 more\n\nfoot");
    expect(laidOut({ ...parts, facts: [] }, 60)).toBe("head\n\nfoot");
  });
});

it("tells at a glance how bad it is", () => {
  expect(signOf({ severity: "critical", isResolved: false })).toBe("🔴");
  expect(signOf({ severity: "warning", isResolved: false })).toBe("🟡");
  expect(signOf({ severity: "critical", isResolved: true })).toBe("🟢");
});
