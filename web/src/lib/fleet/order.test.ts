import { expect, test } from "vitest";
import { cloudOf, instanceOf, judgementOf } from "../live/testing.ts";
import { byName, matches, type Order, type Sortable, sorted as sortedAt, turned } from "./order.ts";

const item = (name: string, cpu?: number, over: Partial<Sortable["instance"]> = {}): Sortable => ({
  searchText: `${name}\nfra\nubuntu 24.04`,
  instance: { ...instanceOf(name), ...over },
  reading: { lastSampleAt: 0, latest: cpu === undefined ? {} : { cpu_busy_ratio: cpu } },
});
const sorted = (items: Sortable[], order: Order) => sortedAt(items, order, 1_000);
const names = (items: Sortable[]) => items.map(({ instance }) => instance.name);

test("names sort as people count: web-2 before web-10", () => {
  expect(names([item("web-10"), item("web-2"), item("Web-1")].sort(byName))).toEqual(["Web-1", "web-2", "web-10"]);
});

test("what has no value comes last in either direction", () => {
  const items = [item("a"), item("b", 0.5), item("c", 0.9)];
  expect(names(sorted(items, { by: "cpu", direction: "descending" }))).toEqual(["c", "b", "a"]);
  expect(names(sorted(items, { by: "cpu", direction: "ascending" }))).toEqual(["b", "c", "a"]);
});

test("the worst status comes first when it is asked for", () => {
  const items = [
    item("a"),
    item("b", 0, { judgement: judgementOf("up") }),
    item("c", 0, { judgement: judgementOf("down") }),
    item("d", 0, { judgement: judgementOf("unsure") }),
  ];
  const order = turned({ by: "name", direction: "ascending" }, "status");
  expect(names(sorted(items, order))).toEqual(["c", "d", "a", "b"]);
});

test("words sort from their beginning, costs from the highest, whoever says them", () => {
  const items = [
    item("a", 0, { cloud: cloudOf({ plan: "vc2-10c", monthlyCost: null }), monthlyCostGiven: null }),
    item("b", 0, { cloud: cloudOf({ plan: "vc2-2c", monthlyCost: { amount: 20, currency: "USD" } }) }),
    item("c", 0, { cloud: null, type: "cx22", monthlyCostGiven: { amount: 50, currency: "EUR" } }),
  ];
  const by = (key: "plan" | "cost") => names(sorted(items, turned({ by: "name", direction: "ascending" }, key)));
  expect(by("plan")).toEqual(["c", "b", "a"]);
  expect(by("cost")).toEqual(["c", "b", "a"]);
});

test("equal values stay in the order of names", () => {
  const items = [item("a", 0.5), item("b", 0.5), item("c", 0.5)];
  expect(names(sorted(items, { by: "cpu", direction: "descending" }))).toEqual(["a", "b", "c"]);
});

test("every word of a search must be found, in any of the names", () => {
  expect(matches(item("web-1"), "  UBUNTU web ")).toBe(true);
  expect(matches(item("web-1"), "web debian")).toBe(false);
  expect(matches(item("web-1"), "")).toBe(true);
});

test("a heading turns its own direction, and a new one begins with the highest", () => {
  expect(turned({ by: "cpu", direction: "descending" }, "cpu").direction).toBe("ascending");
  expect(turned({ by: "name", direction: "ascending" }, "cpu")).toEqual({ by: "cpu", direction: "descending" });
});
