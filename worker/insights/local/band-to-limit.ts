import type { Band } from "../../../contract/insights.ts";
import type { EpochMs } from "../../../contract/units.ts";
import type { TimeToLimit } from "./forecast/time-to-limit.ts";

const STEPS = 48;

/**
 * How a series comes to its limit, to be drawn: from its level now to the limit at the moment that is foretold, with the interval's ends on both
 * sides. It is what the words say, so that a chart never contradicts them; the ways there are straight.
 */
export function bandToLimit(
  { at, fromAt, toAt }: Pick<TimeToLimit, "at" | "fromAt" | "toAt">,
  { level, limit, from, to }: { level: number; limit: number; from: EpochMs; to: EpochMs },
): Band {
  const stepMs = Math.max(60_000, Math.round((to - from) / STEPS));
  const count = Math.floor((to - from) / stepMs) + 1;
  const towards = (until: EpochMs | null) =>
    Array.from({ length: count }, (_, step) => {
      if (until === null) return level;
      const share = until <= from ? 1 : Math.min(1, (step * stepMs) / (until - from));
      return level + share * (limit - level);
    });
  return { from, stepMs, middle: towards(at), lower: towards(toAt), upper: towards(fromAt) };
}
