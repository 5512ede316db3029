import { expect, test } from "vitest";
import { cloudOf, instanceOf } from "../live/testing.ts";
import { cloudFactsOf, mainAddressOf, placeOf, planOf, sizeInWords } from "./cloud-facts.ts";

test("a place is the cloud and the region, or what there is of them", () => {
  expect(placeOf(instanceOf("a", { cloud: cloudOf() }))).toBe("Vultr · fra");
  expect(placeOf(instanceOf("a"))).toBe("fra");
  expect(placeOf(instanceOf("a", { region: null }))).toBe("");
});

test("a machine without a public address is known by its private one", () => {
  expect(mainAddressOf({ cloud: cloudOf({ publicAddresses: [], privateAddresses: ["10.0.0.5"] }) })).toBe("10.0.0.5");
  expect(mainAddressOf({ cloud: null })).toBeUndefined();
});

test("the plan is the provider's, or what the agent calls the type", () => {
  expect(planOf(instanceOf("a", { type: "t", cloud: cloudOf({ plan: "p" }) }))).toBe("p");
  expect(planOf(instanceOf("a", { type: "t", cloud: cloudOf({ plan: null }) }))).toBe("t");
});

test("of a size only what is known is told", () => {
  expect(sizeInWords(cloudOf({ cpuCount: 2 }))).toBe("2 CPUs, 1 GiB, 25 GiB disk");
  expect(sizeInWords(cloudOf({ memoryBytes: null, diskBytes: null }))).toBe("1 CPU");
  expect(sizeInWords({ cpuCount: null, memoryBytes: null, diskBytes: null })).toBeUndefined();
});

test("what a provider does not tell is left out, and its own word for the status is kept", () => {
  const facts = cloudFactsOf(cloudOf({ image: null, createdAt: null, monthlyCost: null, zone: null }), "web-1");
  expect(facts).toEqual([
    { label: "Status", value: "Running", detail: "active, running" },
    { label: "Region", value: "Frankfurt, DE", detail: "fra" },
    { label: "Plan", value: "vc2-1c-1gb" },
    { label: "Size", value: "1 CPU, 1 GiB, 25 GiB disk" },
  ]);
});

test("a name is told where it is another one there", () => {
  expect(cloudFactsOf(cloudOf(), "mine")).toContainEqual({ label: "Name there", value: "web-1" });
});
