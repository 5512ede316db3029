import { expect, test } from "vitest";
import { addressOf, isSamePage, shownOf } from "./shown.ts";

const pushed = {
  title: "web-1 is down",
  body: "Refused from 3 of 3 regions.",
  url: "https://nephos.example/incidents/1",
  tag: "incident-1",
  severity: "critical",
  isResolved: false,
};

test("a push becomes a notification that replaces the one of the same incident, and is heard again", () => {
  expect(shownOf(JSON.stringify(pushed))).toEqual({
    title: "web-1 is down",
    options: {
      body: "Refused from 3 of 3 regions.",
      icon: "/favicon.svg",
      badge: "/favicon.svg",
      tag: "incident-1",
      renotify: true,
      requireInteraction: true,
      data: { url: "https://nephos.example/incidents/1" },
    },
  });
});

test("only what is critical and not over stays on the screen until somebody touches it", () => {
  const stays = (change: object) => shownOf(JSON.stringify({ ...pushed, ...change })).options.requireInteraction;
  expect(stays({ severity: "warning" })).toBe(false);
  expect(stays({ isResolved: true })).toBe(false);
});

test.each(["", "no JSON", "null", "[]", '"text"', '{"title":7,"tag":null}'])(
  "a push that says %j is shown all the same",
  (text) => {
    const { title, options } = shownOf(text);
    expect(title).toBe("Nephos");
    expect(options).toMatchObject({ tag: "nephos", data: { url: "/" } });
    expect(options.body).not.toBe("");
  },
);

test.each([
  ["https://nephos.example/incidents/1?tab=log#now", "https://here.example/incidents/1?tab=log#now"],
  ["/incidents/1", "https://here.example/incidents/1"],
  ["https://evil.example//evil.example/x", "https://here.example//evil.example/x"],
  ["//evil.example/x", "https://here.example/x"],
  ["javascript:alert(1)", "https://here.example/alert(1)"],
  ["https://", "https://here.example/"],
])("%s leads to %s", (url, there) => {
  expect(addressOf(url, "https://here.example")).toBe(there);
});

test.each([
  ["https://here.example/incidents/1?tab=log#now", true],
  ["https://here.example/incidents/12", false],
  ["https://evil.example/incidents/1", false],
  ["about:blank", false],
  ["", false],
])("a tab at %j shows https://here.example/incidents/1: %j", (tab, isThere) => {
  expect(isSamePage(tab, "https://here.example/incidents/1")).toBe(isThere);
});
