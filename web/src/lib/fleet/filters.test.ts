import { expect, test } from "vitest";
import { cloudOf, instanceOf } from "../live/testing.ts";
import { choicesOf, fleetHref, isWithin, type Scope, scopeIn, WHOLE_FLEET } from "./filters.ts";

const vultr = (id: string, accountId: string, region: string, tags: string[] = []) =>
  instanceOf(id, {
    region,
    tags,
    cloud: cloudOf({ accountId, region, regionName: `City of ${region}`, tags: ["cloud"] }),
  });
const fleet = [
  vultr("a", "one", "fra", ["web"]),
  vultr("b", "one", "ams"),
  vultr("c", "two", "fra", ["web", "db"]),
  instanceOf("d", { region: "home", tags: ["db"] }),
];
const found = (scope: Partial<Scope>) =>
  fleet.filter((item) => isWithin(item, { ...WHOLE_FLEET, ...scope })).map(({ id }) => id);
const choices = (scope: Partial<Scope>) =>
  choicesOf(fleet, { ...WHOLE_FLEET, ...scope }, (id) => ({ one: "Work", two: "Lab" })[id]);
const counted = (scope: Partial<Scope>, facet: "cloud" | "region" | "tag") =>
  choices(scope)[facet].map(({ value, count }) => `${value} ${count}`);

test("a facet leaves what has its value, and facets add up", () => {
  expect(found({})).toEqual(["a", "b", "c", "d"]);
  expect(found({ cloud: "vultr" })).toEqual(["a", "b", "c"]);
  expect(found({ cloud: "vultr/two" })).toEqual(["c"]);
  expect(found({ cloud: "none" })).toEqual(["d"]);
  expect(found({ region: "fra", tag: "web" })).toEqual(["a", "c"]);
  expect(found({ cloud: "aws" })).toEqual([]);
});

test("a tag of the provider counts as much as one given here", () => {
  expect(found({ tag: "cloud" })).toEqual(["a", "b", "c"]);
});

test("choices are counted under what the other facets are narrowed to, not under their own", () => {
  expect(counted({ region: "fra" }, "cloud")).toEqual(["vultr 2", "vultr/two 1", "vultr/one 1"]);
  expect(counted({ region: "fra" }, "region")).toEqual(["ams 1", "fra 2", "home 1"]);
  expect(counted({ region: "fra", cloud: "none" }, "tag")).toEqual([]);
  expect(counted({ cloud: "none" }, "tag")).toEqual(["db 1"]);
});

test("what is chosen stays a choice when nothing is left of it", () => {
  expect(counted({ tag: "gone" }, "tag")).toContain("gone 0");
});

test("accounts are named, and one alone is not told apart from its cloud", () => {
  expect(choices({}).cloud.map(({ label }) => label)).toEqual(["Vultr", "Vultr: Lab", "Vultr: Work", "No cloud"]);
  expect(choices({ region: "ams" }).cloud.map(({ label }) => label)).toEqual(["Vultr"]);
});

test("a region is named as its provider names it", () => {
  expect(choices({}).region.map(({ label }) => label)).toEqual(["ams · City of ams", "fra · City of fra", "home"]);
});

test("what the fleet is narrowed to travels in its address", () => {
  const scope = { cloud: "vultr/one", region: "fra", tag: "team:web/1" };
  const href = fleetHref(scope, "down");
  expect(scopeIn(new URL(href, "https://n.example").searchParams)).toEqual({ scope, only: "down" });
  expect(fleetHref({})).toBe("/");
  expect(scopeIn(new URLSearchParams("welcome=1"))).toBeNull();
  expect(scopeIn(new URLSearchParams("status=lost"))).toEqual({ scope: WHOLE_FLEET, only: null });
});
