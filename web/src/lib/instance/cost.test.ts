import { expect, test } from "vitest";
import { newInstanceSchema } from "../../../../contract/instance.ts";
import { costOf, costTyped } from "./cost.ts";

test.each([
  ["12.50", "USD", { amount: 12.5, currency: "USD" }],
  [" 4,15 ", "eur", { amount: 4.15, currency: "EUR" }],
  ["0", "USD", { amount: 0, currency: "USD" }],
  ["", "whatever", null],
])("%s %s is a cost the server takes", (amount, currency, cost) => {
  expect(costTyped(amount, currency)).toEqual({ cost });
  expect(newInstanceSchema.shape.monthlyCost.safeParse(cost).success).toBe(true);
});

test.each([
  ["-1", "USD"],
  ["1e9", "USD"],
  ["1,000.50", "USD"],
  ["ten", "USD"],
  ["10", "$"],
  ["10", "EURO"],
])("%s %s is none, and it is said why", (amount, currency) => {
  expect(costTyped(amount, currency)).toHaveProperty("problem");
});

test("the provider's price stands before what the owner says", () => {
  const given = { amount: 1, currency: "EUR" };
  const told = { amount: 6, currency: "USD" };
  expect(costOf({ cloud: { monthlyCost: told } as never, monthlyCostGiven: given })).toEqual(told);
  expect(costOf({ cloud: { monthlyCost: null } as never, monthlyCostGiven: given })).toEqual(given);
  expect(costOf({ cloud: null, monthlyCostGiven: null })).toBeNull();
});
