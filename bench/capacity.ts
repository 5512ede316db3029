import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { RETENTION_DAYS } from "../contract/limits.ts";
import type { Tier } from "../contract/series.ts";
import { DATABASE_BYTES_MAX, PLAN_LIMITS } from "../worker/live/thrift.ts";
import { slotsFor, TIER_SPECS } from "../worker/series/tiers.ts";
import { ROOT } from "./bundle.ts";
import { checksSection } from "./capacity-checks.ts";
import { number, WORDS } from "./capacity-words.ts";
import type { CheckModel } from "./check-cost.ts";
import { freeInstances, freeInstancesByStorage, paidDollars, PARTS, type DayModel } from "./plan-cost.ts";

const PAID_FLEETS = [100, 1_000, 10_000];
/** Other retentions than the default, in days: raw, five minutes, hour. */
const RETENTIONS = [
  [RETENTION_DAYS.raw.default, RETENTION_DAYS.fiveMinutes.default, RETENTION_DAYS.hour.default],
  [3, 30, 365],
  [3, 30, 90],
  [3, 14, 90],
  [1, 8, 60],
] as const;

/** `docs/capacity.md`: its words are here, its figures are of this run. */
export async function writeCapacity(
  models: ReadonlyMap<number, DayModel>,
  bytes: Record<Tier, number>,
  checks: CheckModel,
): Promise<void> {
  const intervals = [...models].sort(([a], [b]) => a - b);
  const [, usual] = intervals.find(([intervalMs]) => intervalMs === 30_000)!;
  const text = `# Capacity

What one Nephos holds on Cloudflare's Free plan, and what it costs on the Paid plan. The figures are from a run of
\`npm run -s bench -- cost --write\` on ${new Date().toISOString().slice(0, 10)}, which lets a small and a larger fleet live through a virtual day
with the real Worker, a real SQLite behind the D1 binding, rings that are full, and readings of real agents
([the benches](../bench/README.md)). What stands here is reckoned from that: a fleet of a thousand was not run.

Each instance has one socket and says one sample in a message; its block is written every ten minutes. Every day it comes back four
times. Nobody is looking: a dashboard that watches an instance has its agent send every second.

## A day

| A day of | ${["anyway", "an instance at 30 s"].join(" | ")} | Free allows | holds |
| --- | --- | --- | --- | --- |
${PARTS.map((part) => partRow(part, usual)).join("\n")}

The ticks are what happens anyway: one every two minutes, in the sentinel, which calls the shard; it reads each instance once or twice.
Of an object's time ten milliseconds are reckoned for each
message, as Cloudflare does, and twenty for each round trip to the database, which is an assumption. One object that never rests uses
11,059 GB-seconds a day, so one shard alone cannot use up what Free allows.

## On Free

The lower of the two is what holds. Both may be lifted: the first by the Paid plan, the second by a shorter retention too.

| Interval | instances by the day's quotas | what ends first | instances by storage (one database of ${mb(DATABASE_BYTES_MAX.free)}) |
| --- | --- | --- | --- |
${intervals.map(([intervalMs, model]) => freeRow(intervalMs, model)).join("\n")}

Storage by how long the tiers are kept, at 30 s. A block of samples has its place for as long as an agent may still hand in what
belongs there, so that keeping them shorter than that saves nothing.

| raw | 5 minutes | 1 hour | an instance | instances on Free |
| --- | --- | --- | --- | --- |
${RETENTIONS.map((days) => retentionRow(days, bytes)).join("\n")}

## On Paid

Dollars a month, the plan's own $5 included; in brackets for each instance. One database ends at ${mb(DATABASE_BYTES_MAX.paid)}.

| Interval | ${PAID_FLEETS.map((fleet) => `${fleet.toLocaleString("en")} instances`).join(" | ")} | databases that 10,000 would need |
| --- | ${PAID_FLEETS.map(() => "---").join(" | ")} | --- |
${intervals.map(([intervalMs, model]) => paidRow(intervalMs, model)).join("\n")}

At 10 s and 60 s the samples' own blocks are reckoned from those at 30 s, a reading weighing the same.

${checksSection(checks, usual)}`;
  await writeFile(join(ROOT, "docs/capacity.md"), await format(text, { parser: "markdown", printWidth: 120 }));
}

function partRow(part: (typeof PARTS)[number], model: DayModel): string {
  const { all } = freeInstances(model);
  const limit = PLAN_LIMITS.free;
  const holds = Number.isFinite(all[part]) ? number(all[part]!) : "no end";
  return `| ${WORDS[part]} | ${number(model.fixed[part])} | ${number(model.perInstance[part], 1)} | ${number(limit[part])} | ${holds} |`;
}

function freeRow(intervalMs: number, model: DayModel): string {
  const { instances, binding } = freeInstances(model);
  const storage = number(freeInstancesByStorage(model));
  return `| ${intervalMs / 1_000} s | ${number(instances)} | ${WORDS[binding as keyof typeof WORDS]} | ${storage} |`;
}

function retentionRow(
  [raw, fiveMinutes, hour]: readonly [number, number, number],
  bytes: Record<Tier, number>,
): string {
  const places = (tier: Tier, days: number) => slotsFor(TIER_SPECS[tier], days);
  const share = (tier: Tier, days: number) =>
    (bytes[tier] * places(tier, days)) / places(tier, RETENTION_DAYS[tier].default);
  const whole = share("raw", raw) + share("fiveMinutes", fiveMinutes) + share("hour", hour);
  return `| ${raw} d | ${fiveMinutes} d | ${hour} d | ${(whole / 1e6).toFixed(1)} MB | ${number(DATABASE_BYTES_MAX.free / whole)} |`;
}

function paidRow(intervalMs: number, model: DayModel): string {
  const cells = PAID_FLEETS.map((fleet) => {
    const { dollars } = paidDollars(model, fleet);
    return `$${dollars.toFixed(2)} ($${(dollars / fleet).toFixed(4)})`;
  });
  return `| ${intervalMs / 1_000} s | ${cells.join(" | ")} | ${paidDollars(model, 10_000).databases} |`;
}

const mb = (bytes: number) => (bytes >= 1e9 ? `${bytes / 1e9} GB` : `${bytes / 1e6} MB`);
