import { expect, test } from "vitest";
import { sparkPaths } from "./spark-path.ts";

const draw = (at: number[], values: (number | null)[]) => sparkPaths(at, values, 0, 100, 1, 30).line;

test("the lowest value lies on the floor, the highest at the top", () => {
  expect(draw([0, 20], [0, 1])).toBe("M0 23L0.5 23L20 1");
});
test("a null lifts the pen", () => expect(draw([0, 10, 20], [0, null, 0]).match(/M/g)).toHaveLength(2));
test("a pause lifts the pen", () => expect(draw([0, 50], [0, 0]).match(/M/g)).toHaveLength(2));
test("what lies before the window is not drawn", () => {
  expect(sparkPaths([0, 50], [1, 1], 40, 100, 1, 100).line).toBe("M16.7 1L17.2 1");
});
test("nothing to draw is an empty path", () => expect(sparkPaths([], [], 0, 1, 1, 1)).toEqual({ line: "", area: "" }));
