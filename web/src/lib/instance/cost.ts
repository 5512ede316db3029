import type { Instance } from "../../../../contract/instance.ts";
import type { Money } from "../format/money.ts";

/** What an instance costs in a month: by its provider, or else by its owner. */
export function costOf({ cloud, monthlyCostGiven }: Pick<Instance, "cloud" | "monthlyCostGiven">): Money | null {
  return cloud?.monthlyCost ?? monthlyCostGiven;
}

export interface CostTyped {
  /** Null: none is known. */
  cost: Money | null;
}

/** What was typed as a cost, or what is wrong with it. A comma is a point to half of Europe. */
export function costTyped(amount: string, currency: string): CostTyped | { problem: string } {
  if (amount.trim() === "") return { cost: null };
  const value = Number(amount.trim().replace(",", "."));
  if (!Number.isFinite(value) || value < 0 || value > 1e6) return { problem: "An amount such as 12.50." };
  const code = currency.trim().toUpperCase();
  if (!/^[A-Z]{3}$/.test(code)) return { problem: "The currency as three letters: USD, EUR." };
  return { cost: { amount: value, currency: code } };
}
