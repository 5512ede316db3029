import type { PARTS } from "./plan-cost.ts";

/** How what Cloudflare counts is named in `docs/capacity.md`, and how figures are written there. */
export const WORDS: Record<(typeof PARTS)[number], string> = {
  rowsWritten: "D1 rows written",
  rowsRead: "D1 rows read",
  workerRequests: "Worker requests",
  objectRequests: "object requests",
  objectGbSeconds: "GB-seconds",
};

/** Whole figures are rounded down: they are what something holds. */
export function number(value: number, digits = 0): string {
  const rounded = digits === 0 ? Math.floor(value) : Number(value.toFixed(digits));
  return rounded.toLocaleString("en");
}
