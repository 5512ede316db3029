import { expect, test } from "vitest";
import { cloudOf, instanceOf, judgementOf } from "../live/testing.ts";
import { overviewOf } from "./overview.ts";

const judged = (verdict: "up" | "down" | null) => (verdict === null ? null : judgementOf(verdict));
const machine = (verdict: "up" | "down" | null, over = {}) =>
  instanceOf("a", { judgement: judged(verdict), cloud: cloudOf(over) });

test("each cloud is counted as a whole, in the order of the clouds", () => {
  const euro = {
    monthlyCost: { amount: 4.15, currency: "EUR" },
    kind: "hetzner",
    region: "fsn1",
    regionName: null,
  } as const;
  const [vultr, hetzner, ...others] = overviewOf([
    machine("up", euro),
    machine("up", { region: "ams" }),
    machine("down"),
    machine(null),
    instanceOf("home"),
  ]);
  expect(others).toEqual([]);
  expect(vultr).toMatchObject({ kind: "vultr", instances: 3, judged: 2, up: 1, down: 1, monthlyCost: { USD: 15 } });
  expect(vultr!.regions).toEqual([
    { region: "fra", name: "Frankfurt, DE", instances: 2 },
    { region: "ams", name: "Frankfurt, DE", instances: 1 },
  ]);
  expect(hetzner).toMatchObject({ kind: "hetzner", instances: 1, monthlyCost: { EUR: 4.15 } });
});

test("what is gone costs nothing and is not counted", () => {
  expect(overviewOf([machine("up", { goneAt: 1 })])).toEqual([]);
});

test("where the provider tells no price, the owner's counts", () => {
  const given = { ...machine("up", { monthlyCost: null }), monthlyCostGiven: { amount: 7, currency: "CHF" } };
  expect(overviewOf([given])[0]!.monthlyCost).toEqual({ CHF: 7 });
});
