import { beforeEach, expect, test } from "vitest";
import { Fleet } from "../live/fleet.svelte.ts";
import { cloudOf, instanceOf, judgementOf } from "../live/testing.ts";
import { FleetView } from "./fleet-view.svelte.ts";

let fleet: Fleet;
let view: FleetView;
let now: number;
beforeEach(() => {
  now = 5_000;
  fleet = new Fleet();
  view = new FleetView(fleet, () => now);
  const instances = [
    instanceOf("db-1", { region: "ams", cloud: cloudOf({ region: "ams" }), judgement: judgementOf("down") }),
    instanceOf("web-10", { cloud: cloudOf(), judgement: judgementOf("up") }),
    instanceOf("web-2", { cloud: cloudOf(), judgement: judgementOf("down") }),
    instanceOf("nas"),
  ];
  fleet.apply({ type: "snapshot", version: 1, now, instances }, now);
});

const shown = () => view.rows.map(({ id }) => id);

test("the whole fleet is shown in the order of names", () => {
  expect(shown()).toEqual(["db-1", "nas", "web-2", "web-10"]);
  expect(view.isNarrowed).toBe(false);
});

test("search, filters and status narrow together, and the counts are of what search and filters leave", () => {
  view.narrow("cloud", "vultr");
  view.narrow("region", "fra");
  expect(shown()).toEqual(["web-2", "web-10"]);
  expect(view.total).toBe(2);
  expect(view.counts).toMatchObject({ down: 1, up: 1, live: 0 });
  view.only = "down";
  expect(shown()).toEqual(["web-2"]);
  expect(view.counts).toMatchObject({ down: 1, up: 1 });
  view.query = "10";
  expect(shown()).toEqual([]);
});

test("everything is shown again at once", () => {
  view.narrow("tag", "nothing-has-it");
  view.only = "gone";
  view.query = "x";
  expect(view.isNarrowed).toBe(true);
  view.showAll();
  expect(shown()).toHaveLength(4);
});

test("a verdict that changes moves an instance from one status to another", () => {
  view.only = "down";
  expect(shown()).toEqual(["db-1", "web-2"]);
  const { instance } = fleet.entries.get("web-2")!;
  fleet.apply({ type: "instances", now, instances: [{ ...instance, judgement: judgementOf("up") }] }, now);
  expect(shown()).toEqual(["db-1"]);
  expect(view.counts.up).toBe(2);
});

test("time alone makes what an agent is silent about stale", () => {
  view.only = "stale";
  expect(shown()).toEqual([]);
  now = 10 * 60_000;
  fleet.apply({ type: "frame", now, samples: [] }, now);
  expect(view.counts.stale).toBe(1);
});

test("an account's name appears once it is known", () => {
  const two = { accountId: "account-2" };
  fleet.apply({ type: "instance", now, instance: instanceOf("lab", { cloud: cloudOf(two) }) }, now);
  view.accountNames = new Map([["account-2", "Lab"]]);
  expect(view.choices.cloud.map(({ label, count }) => `${label} ${count}`)).toEqual([
    "Vultr 4",
    "Vultr: account- 3",
    "Vultr: Lab 1",
    "No cloud 1",
  ]);
});
