/** An amount of some currency. */
export interface Money {
  amount: number;
  currency: string;
}

/** Making one takes longer than formatting a screen of prices with it. */
const formats = new Map<string, Intl.NumberFormat>();

/** `$6`, `€4.15`, `$12,340`: parts of a unit are left out where there are none, and where nobody reads them. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = Number.isInteger(amount) || Math.abs(amount) >= 10_000 ? 0 : 2;
  const name = `${currency} ${digits}`;
  let format = formats.get(name);
  if (!format) {
    format = new Intl.NumberFormat("en", {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(name, format);
  }
  return format.format(amount);
}

/** Costs of several currencies, the largest first: nobody here knows what one is worth in another. */
export function formatCosts(byCurrency: Readonly<Record<string, number>>): string | undefined {
  const costs = Object.entries(byCurrency).sort(([, a], [, b]) => b - a);
  if (costs.length === 0) return undefined;
  // Added up, cents leave crumbs that no bill has.
  return costs
    .map(([currency, amount]) => formatMoney({ amount: Math.round(amount * 100) / 100, currency }))
    .join(" + ");
}
