import { parseArgs } from "node:util";
import { INTERVAL_DEFAULT_MS } from "../contract/limits.ts";
import { bytesByTier } from "./block-bytes.ts";
import { writeCapacity } from "./capacity.ts";
import { BESIDE_INSTANCES, CHECKS } from "./capacity-checks.ts";
import {
  ANSWER_SECONDS,
  checkModel,
  checksOnFree,
  hoursOfNone,
  waitingGbSeconds,
  type CheckModel,
} from "./check-cost.ts";
import { REGIONS } from "./checks.ts";
import { round } from "./figures.ts";
import { RecordedHistory } from "./history.ts";
import { recordedRounds } from "./recorded-rounds.ts";
import {
  dayOf,
  freeInstances,
  freeInstancesByStorage,
  OBJECT_GB,
  paidDollars,
  PARTS,
  type DayModel,
  type DayParts,
} from "./plan-cost.ts";
import { virtualDay, type DayUse, type Fleet } from "./virtual-day.ts";

const INSTANCES = 20;
/** Twenty socket messages are one request; opening the socket is one. */
const MESSAGES_PER_REQUEST = 20;
/** What Cloudflare reckons for a message, in its own example. */
const EVENT_SECONDS = 0.01;
/** What a round trip to D1 is taken to last while the object waits for it: nothing here can measure that. */
const DATABASE_SECONDS = 0.02;
/** The intervals of the table in docs/capacity.md; rows and calls are measured for each. */
const OTHER_INTERVALS_MS = [10_000, 60_000];

/** What a day costs: of a fleet small and large, so that what is there anyway and what an instance adds are told apart. */
export async function cost(): Promise<Record<string, number>> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { instances: { type: "string" }, write: { type: "boolean", default: false } },
  });
  const large = Number(values.instances ?? INSTANCES);
  const small = Math.max(1, Math.round(large / 4));
  if (!(large > small)) throw new Error("--instances must be at least 2.");
  const few = await lived({ instances: small, intervalMs: INTERVAL_DEFAULT_MS });
  const many = await lived({ instances: large, intervalMs: INTERVAL_DEFAULT_MS });
  const bytes = bytesByTier(new RecordedHistory());
  const fixedAnd = (intervalMs: number, perInstance: DayParts, fixed: DayParts): DayModel => ({
    fixed,
    perInstance,
    bytesPerInstance: bytes.raw * (INTERVAL_DEFAULT_MS / intervalMs) + bytes.fiveMinutes + bytes.hour,
  });
  const perInstance = each((part) => (many[part] - few[part]) / (large - small));
  const unalarmed = each((part) => Math.max(0, few[part] - small * perInstance[part]));
  // However many instances there are, the shard is woken for the one that may be silent first.
  const alarms = Math.max(few.alarms, many.alarms);
  const fixed = {
    ...unalarmed,
    objectRequests: unalarmed.objectRequests + alarms,
    objectGbSeconds: unalarmed.objectGbSeconds + alarms * EVENT_SECONDS * OBJECT_GB,
  };
  const model = fixedAnd(INTERVAL_DEFAULT_MS, perInstance, fixed);
  say(model);
  console.error(
    `processor time   ${round((many.cpuMs - few.cpuMs) / (large - small) / 1_000, 2)} s an instance and day, database included`,
  );
  const looked = await lived({ instances: small, intervalMs: INTERVAL_DEFAULT_MS, checks: CHECKS });
  const checkBytes = Object.values(bytesByTier(new RecordedHistory(recordedRounds())));
  const checks = checkModel(
    few,
    looked,
    CHECKS,
    checkBytes.reduce((sum, one) => sum + one, 0),
  );
  sayOfChecks(checks, model);

  if (values.write) {
    const models = new Map([[INTERVAL_DEFAULT_MS, model]]);
    for (const intervalMs of OTHER_INTERVALS_MS) {
      const use = await lived({ instances: small, intervalMs });
      models.set(
        intervalMs,
        fixedAnd(
          intervalMs,
          each((part) => (use[part] - unalarmed[part]) / small),
          fixed,
        ),
      );
    }
    await writeCapacity(models, bytes, checks);
  }
  return {
    rowsPerInstanceDay: round(perInstance.rowsWritten, 1),
    rowsReadPerInstanceDay: Math.round(perInstance.rowsRead),
    objectRequestsPerInstanceDay: round(perInstance.objectRequests, 1),
    gbSecondsPerInstanceDay: round(perInstance.objectGbSeconds, 2),
    freeInstances: freeInstances(model).instances,
    freeInstancesByStorage: freeInstancesByStorage(model),
    paidDollarsPerInstanceMonth1000: round(paidDollars(model, 1_000).dollars / 1_000, 4),
    checksFree: checksOnFree(checks, model, BESIDE_INSTANCES).checks,
    gbSecondsPerDayProbers: Math.round(REGIONS.length * waitingGbSeconds(CHECKS, ANSWER_SECONDS)),
  };
}

async function lived(fleet: Fleet): Promise<DayParts & Pick<DayUse, "cpuMs"> & { alarms: number }> {
  const { instances, intervalMs, checks = 0 } = fleet;
  const began = performance.now();
  const use = await virtualDay(fleet);
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  const { shard, sentinel, prober, alarms } = use.objectCalls;
  console.error(
    `a day of ${instances} instances at ${intervalMs / 1_000} s and ${checks} checks (${seconds} s): ` +
      `${use.socketMessages} messages, ${use.connects} connects, ${use.ticks} ticks, ${use.probes} probes; ` +
      `calls of the shard ${shard} and ${alarms} alarms, of the sentinel ${sentinel}, of probers ${prober}; ` +
      `${use.databaseCalls} round trips to the database, ${use.databaseCallsInTicks} of them in ticks, ` +
      `${use.rowsWritten} rows written, ${use.rowsRead} read, ${(use.cpuMs / 1_000).toFixed(1)} s of processor time`,
  );
  console.error(`  its own meter: ${JSON.stringify(use.meter)}`);
  return { ...partsOf(use), cpuMs: use.cpuMs, alarms };
}

function partsOf(use: DayUse): DayParts {
  const { rowsWritten, rowsRead, databaseCalls, databaseCallsInTicks, socketMessages, connects, ticks } = use;
  const { shard, sentinel, prober } = use.objectCalls;
  const calls = shard + sentinel + prober;
  // The sentinel waits for the shard's round trips as for its own, and for the shard.
  const events = socketMessages + calls + shard;
  const roundTrips = databaseCalls + databaseCallsInTicks;
  return {
    rowsWritten,
    rowsRead,
    // A run of the tick is taken for a request.
    workerRequests: connects + ticks,
    objectRequests: socketMessages / MESSAGES_PER_REQUEST + calls,
    objectGbSeconds: (events * EVENT_SECONDS + roundTrips * DATABASE_SECONDS) * OBJECT_GB,
  };
}

function sayOfChecks(checks: CheckModel, model: DayModel): void {
  const { all, binding, ifShardNeverRests } = checksOnFree(checks, model, BESIDE_INSTANCES);
  for (const part of PARTS)
    console.error(`${part.padEnd(16)} ${checks.perCheck[part].toFixed(1)} a check and day: Free holds ${all[part]}`);
  console.error(
    `checks           what ends first on Free beside ${BESIDE_INSTANCES} instances: ${binding}; beside a shard that never rests ` +
      `${ifShardNeverRests}; ${CHECKS} that do not answer have room for ${hoursOfNone(model, BESIDE_INSTANCES, CHECKS).toFixed(1)} h a day; ` +
      `${(checks.bytesPerCheck / 1e6).toFixed(2)} MB a check`,
  );
}

function say(model: DayModel): void {
  const { binding, all } = freeInstances(model);
  for (const part of PARTS) {
    const [fixed, perInstance] = [model.fixed[part], model.perInstance[part]].map((one) => one.toFixed(1));
    console.error(`${part.padEnd(16)} ${fixed} anyway + ${perInstance} an instance and day: Free holds ${all[part]}`);
  }
  const storage = freeInstancesByStorage(model);
  console.error(
    `storage          ${(model.bytesPerInstance / 1e6).toFixed(2)} MB an instance: one database on Free holds ${storage}`,
  );
  console.error(
    `what ends first on Free, storage aside: ${binding}; GB-seconds of 1,000: ${dayOf(model, 1_000).objectGbSeconds.toFixed(0)} of 13,000`,
  );
}

function each(value: (part: keyof DayParts) => number): DayParts {
  return Object.fromEntries(PARTS.map((part) => [part, value(part)])) as unknown as DayParts;
}
