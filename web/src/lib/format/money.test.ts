import { expect, test } from "vitest";
import { formatCosts, formatMoney } from "./money.ts";

test.each([
  [{ amount: 6, currency: "USD" }, "$6"],
  [{ amount: 4.15, currency: "EUR" }, "€4.15"],
  [{ amount: 0.5, currency: "USD" }, "$0.50"],
  [{ amount: 12_340.56, currency: "USD" }, "$12,341"],
  [{ amount: 9, currency: "CHF" }, "CHF\u00a09"],
])("%o is %s", (money, text) => expect(formatMoney(money)).toBe(text));

test("currencies are told side by side, never added up", () => {
  expect(formatCosts({ EUR: 4.15, USD: 7_500 })).toBe("$7,500 + €4.15");
});
test("where no price is known there is nothing to say, which is not zero", () => {
  expect(formatCosts({})).toBeUndefined();
});
test("what adding up leaves behind is not shown", () => {
  const sum = Array.from({ length: 10 }, () => 0.1).reduce((total, cost) => total + cost, 0);
  expect(sum).not.toBe(1);
  expect(formatCosts({ USD: sum })).toBe("$1");
});
