import { expect, it } from "vitest";
import { isPlatformLimit } from "./platform-limit.ts";

it("the end of what an event may ask is told from a failure of whom it asked", () => {
  expect(isPlatformLimit(new Error("Too many subrequests."))).toBe(true);
  expect(isPlatformLimit(new Error("Too many subrequests by single Worker invocation."))).toBe(true);
  expect(isPlatformLimit(new Error("Network connection lost."))).toBe(false);
  expect(isPlatformLimit("Too many subrequests.")).toBe(false);
});
