import type { UptimeDay } from "../checks/table.ts";
import type { JudgedAt } from "../checks/uptime.ts";
import { VERDICTS } from "../../contract/verdict.ts";

/** Uptime reckoned from all rounds at once, second by second: slow, and too simple to be wrong. */
export function uptimeOfRounds(rounds: readonly JudgedAt[], intervalMs: number, bucketSeconds = 86_400): UptimeDay[] {
  const buckets = new Map<number, UptimeDay>();
  rounds.slice(1).forEach(({ at }, index) => {
    const before = rounds[index]!;
    if (before.verdict === null) return;
    const from = Math.floor(before.at / 1000);
    for (let second = from; second < Math.floor(at / 1000); second++) {
      const isKnown = second - from < 2.5 * Math.max(120, intervalMs / 1000);
      const number = Math.floor(second / bucketSeconds);
      const bucket = buckets.get(number) ?? [number, 0, 0, 0, 0];
      bucket[isKnown ? 1 + VERDICTS.indexOf(before.verdict) : 4]!++;
      buckets.set(number, bucket);
    }
  });
  return [...buckets.values()].sort(([a], [b]) => a - b);
}
