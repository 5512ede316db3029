import { expect, test } from "vitest";
import { nextPath, tokenOf } from "./sign-in-link.ts";

const token = "a".repeat(40) + "_-9";

test("the token is taken from the fragment", () => expect(tokenOf(`#${token}`)).toBe(token));
test("no fragment is not a broken link", () => expect(tokenOf("")).toBeNull());
test("a link that was cut is noticed", () => expect(tokenOf("#abc")).toBeUndefined());

test.each([
  ["/instances/a%3Ab?x=1", "/instances/a%3Ab?x=1"],
  [null, "/"],
  ["https://evil.example/", "/"],
  ["//evil.example/", "/"],
  ["/\\evil.example/", "/"],
  ["javascript:alert(1)", "/"],
  ["/sign-in", "/"],
])("after signing in %s leads to %s", (wanted, path) => expect(nextPath(wanted, "https://nephos.example")).toBe(path));
