import { DATABASE_BYTES_MAX, PLAN_LIMITS } from "../worker/live/thrift.ts";
import { PROBES_AT_ONCE, PROBES_PER_CALL } from "../worker/settings.ts";
import {
  ANSWER_SECONDS,
  busySeconds,
  busySecondsOfNone,
  checksOnFree,
  hoursOfNone,
  TIMEOUT_SECONDS,
  waitingGbSeconds,
  type CheckModel,
} from "./check-cost.ts";
import { REGIONS } from "./checks.ts";
import { number, WORDS } from "./capacity-words.ts";
import { PARTS, type DayModel } from "./plan-cost.ts";

/** As many as Free is to hold, and the fleet beside them. */
export const CHECKS = 100;
export const BESIDE_INSTANCES = 100;

/** What is said of checks in `docs/capacity.md`. */
export function checksSection(model: CheckModel, fleet: DayModel): string {
  const { all, checks, binding, ifShardNeverRests } = checksOnFree(model, fleet, BESIDE_INSTANCES);
  const regions = REGIONS.length;
  const busy = busySeconds(CHECKS, ANSWER_SECONDS);
  const one = waitingGbSeconds(CHECKS, ANSWER_SECONDS);
  const row = (part: (typeof PARTS)[number]) => {
    const holds = Number.isFinite(all[part]) ? number(all[part]!) : "no end";
    return `| ${WORDS[part]} | ${number(model.perCheck[part], 1)} | ${number(PLAN_LIMITS.free[part])} | ${holds} |`;
  };
  const megabytes = (count: number) => `${number((count * model.bytesPerCheck) / 1e6, 1)} MB`;
  return `## Checks

HTTP checks from ${regions} regions every two minutes, beside ${BESIDE_INSTANCES} instances at 30 s. The rows and the requests are those of a day
of ${CHECKS} checks that are well, less those of the same day without, so that what checks have in common is in them.

| A day of | a check | Free allows | holds beside ${BESIDE_INSTANCES} instances |
| --- | --- | --- | --- |
${PARTS.map(row).join("\n")}

By the day's quotas Free holds ${number(checks)}; what ends first is ${WORDS[binding as keyof typeof WORDS]}. The history of a check takes ${megabytes(1)} where
all tiers are kept for as long as they are by default, that of ${CHECKS} checks ${megabytes(CHECKS)} of the ${DATABASE_BYTES_MAX.free / 1e6} of one database.

**Requests.** A region's prober is called once for each ${PROBES_PER_CALL.free} checks: ${regions} regions × ${Math.ceil(CHECKS / PROBES_PER_CALL.free)} calls × 720 ticks are ${number(regions * Math.ceil(CHECKS / PROBES_PER_CALL.free) * 720)} for ${CHECKS}
checks.

**Time.** An object is paid for while it waits. An answer is taken to last ${ANSWER_SECONDS * 1_000} ms, which is an assumption: on loopback, where the day was
lived, it lasts nothing. ${CHECKS} checks, ${PROBES_AT_ONCE} at once, are ${CHECKS} ÷ ${PROBES_AT_ONCE} × ${ANSWER_SECONDS} s = ${number(busy, 1)} s in a tick; × 720 ticks × 0.128 GB = ${number(one)} GB-seconds a day
for each region, ${number(regions * one)} for ${regions}, and ${number(one)} more for the sentinel, which waits for them. Beside a shard that never rested, ${number(ifShardNeverRests)} checks would
have room.

**Nobody answers.** Then each of ${CHECKS} checks takes its ${TIMEOUT_SECONDS} s: ${number(busySecondsOfNone(CHECKS))} s a tick in each region, part of it in an event of its own after the tick.
For ${number(hoursOfNone(fleet, BESIDE_INSTANCES, CHECKS), 1)} hours of a day Free has room for that; beyond it the platform refuses all objects until midnight (UTC), the shard as
well.
`;
}
