import { expect, test } from "vitest";
import { codeParts } from "./code-parts.ts";

const shown = (line: string) => codeParts(line).map(({ text, isCode }) => (isCode ? `<${text}>` : text));

test("what stands between backticks is code, and the rest is text", () => {
  expect(shown("What grows: `du -xh /` there, or `df`")).toEqual(["What grows: ", "<du -xh />", " there, or ", "<df>"]);
  expect(shown("Logs without a limit.")).toEqual(["Logs without a limit."]);
});

test("a backtick alone is a backtick", () => {
  expect(shown("a ` b")).toEqual(["a ` b"]);
});
