import type { AnomalySpan } from "../../../contract/insights.ts";
import type { DurationMs } from "../../../contract/units.ts";
import type { Cell } from "../../snowflake/decode.ts";

const HOUR: DurationMs = 3_600_000;

/** By instance, what `READ_ANOMALIES` answered: hours that follow each other are one span. */
export function anomaliesIn(rows: readonly (readonly Cell[])[]): Map<string, AnomalySpan[]> {
  const found = new Map<string, AnomalySpan[]>();
  for (const [name, at, value, low, high, percentile] of rows) {
    if (typeof name !== "string" || typeof at !== "number" || typeof value !== "number") continue;
    const space = name.indexOf(" ");
    const [id, metric] = [name.slice(0, space), name.slice(space + 1)];
    const hour: AnomalySpan = {
      metric,
      from: at,
      to: at + HOUR,
      peakAt: at,
      value,
      usualLow: typeof low === "number" ? low : null,
      usualHigh: typeof high === "number" ? high : null,
      score: rarity(percentile),
    };
    const spans = found.get(id) ?? [];
    const last = spans.at(-1);
    if (last?.metric === metric && last.to === at) spans[spans.length - 1] = joined(last, hour);
    else spans.push(hour);
    found.set(id, spans);
  }
  return found;
}

function joined(a: AnomalySpan, b: AnomalySpan): AnomalySpan {
  return { ...(b.score > a.score ? b : a), from: a.from, to: b.to };
}

/** How far out it is among readings of this hour: 0 in the middle, 1 beyond all. */
function rarity(percentile: Cell | undefined): number {
  if (typeof percentile !== "number" || !Number.isFinite(percentile)) return 0.5;
  return Math.min(1, Math.abs(percentile - 0.5) * 2);
}
