import { describe, expect, it } from "vitest";
import { bodyTrouble, isExpectedStatus, valueAt, type Wants } from "./assertions.ts";

const wants = (more: Partial<Wants>): Wants => ({ expectStatus: [[200, 399]], keyword: null, json: null, ...more });

it("a status is expected from the first to the last of a range", () => {
  const some = wants({
    expectStatus: [
      [200, 204],
      [404, 404],
    ],
  });
  expect([199, 200, 204, 205, 403, 404, 405].filter((status) => isExpectedStatus(some, status))).toEqual([
    200, 204, 404,
  ]);
});

describe("a keyword", () => {
  it("is to be there, or not to be", () => {
    const keyword = { text: "ready", isAbsent: false };
    expect(bodyTrouble(wants({ keyword }), "all ready", true)).toBeUndefined();
    expect(bodyTrouble(wants({ keyword }), "not yet", true)).toBe('body lacks "ready"');
    expect(bodyTrouble(wants({ keyword: { ...keyword, isAbsent: true } }), "all ready", true)).toBe(
      'body holds "ready"',
    );
    expect(bodyTrouble(wants({ keyword: { ...keyword, isAbsent: true } }), "not yet", true)).toBeUndefined();
  });

  it("is not missed in what was not read without saying so", () => {
    const keyword = { text: "ready", isAbsent: false };
    expect(bodyTrouble(wants({ keyword }), "ready and more", false)).toBeUndefined();
    expect(bodyTrouble(wants({ keyword }), "much", false)).toContain("too long to be read on");
  });

  it("is cut, and cleared of what is no letter, before it stands in a sentence", () => {
    const keyword = { text: `a\u0007\n${"b".repeat(100)}`, isAbsent: false };
    expect(bodyTrouble(wants({ keyword }), "", true)).toBe(`body lacks "a  ${"b".repeat(57)}…"`);
  });
});

describe("a value of JSON", () => {
  const body = JSON.stringify({ a: { b: [{ c: 0 }, { c: null }] }, status: "ok", "x-y": true });

  it.each<[string, unknown]>([
    ["a.b[0].c", 0],
    ["a.b[1].c", null],
    ["status", "ok"],
    ["x-y", true],
    ["a.b[2].c", undefined],
    ["a.b.c", undefined],
    ["status.length", undefined],
    ["constructor", undefined],
    ["a.b.length", 2],
  ])("is found at %s", (path, value) => {
    expect(valueAt(JSON.parse(body), path)).toEqual(value);
  });

  it("is found in a list that is the whole body", () => {
    expect(valueAt([[1, 2]], "[0][1]")).toBe(2);
  });

  it.each<[Wants["json"], string | undefined]>([
    [{ path: "a.b[0].c", equals: 0 }, undefined],
    [{ path: "a.b[1].c", equals: null }, undefined],
    [{ path: "status" }, undefined],
    [{ path: "status", equals: "down" }, 'body says that "status" is "ok", not "down"'],
    [{ path: "a.b[0].c", equals: "0" }, 'body says that "a.b[0].c" is 0, not "0"'],
    [{ path: "a.x" }, 'body has no "a.x"'],
  ])("is held against what is expected: %o", (json, trouble) => {
    expect(bodyTrouble(wants({ json }), body, true)).toBe(trouble);
  });

  it("is not looked for where there is no JSON, or only its beginning", () => {
    const json = { path: "a" };
    expect(bodyTrouble(wants({ json }), "<html>", true)).toBe("body is not JSON");
    expect(bodyTrouble(wants({ json }), body, false)).toBe("body is too long to be read as JSON");
  });
});
