import type { Operations } from "../contract/operations.ts";
import { bucketOf, slotsFor, TIER_SPECS, type TierSpec } from "../worker/series/tiers.ts";
import { RETENTION_DAYS } from "../contract/limits.ts";
import { seedChecks, seedSettings } from "./checks.ts";
import { RecordedHistory } from "./history.ts";
import { endlessReadings } from "./recording.ts";
import { databaseUsed, migrate, query, seedInstances } from "./seed.ts";
import { recordedRounds } from "./recorded-rounds.ts";
import { storeBlocks } from "./stored-blocks.ts";
import { LoopbackTarget } from "./targets.ts";
import { cpuMsOf } from "./usage.ts";
import { VirtualAgent } from "./virtual-agent.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const DAY_MS = 86_400_000;
const TICK_MS = 120_000;
/** A quarter day is rolled some 15 minutes after its end: a day that begins so much later has four of them. */
const BEGINS_AFTER_MS = 30 * 60_000;
/** Each agent comes back so often: a deployment, a network. */
export const CONNECTS_PER_DAY = 4;

export interface ObjectCalls {
  /** Alarms aside. */
  shard: number;
  sentinel: number;
  prober: number;
  /** Of the shard. */
  alarms: number;
}

/** Who lives through the day. */
export interface Fleet {
  instances: number;
  intervalMs: number;
  /** HTTP checks every two minutes from three regions. */
  checks?: number;
}

/** What one day of a fleet came to. */
export interface DayUse {
  rowsWritten: number;
  rowsRead: number;
  /** Round trips to the database. */
  databaseCalls: number;
  /** Those of them that were made while a tick ran. */
  databaseCallsInTicks: number;
  socketMessages: number;
  /** Requests that objects were sent, sockets' messages aside. */
  objectCalls: ObjectCalls;
  connects: number;
  ticks: number;
  /** Requests that checked targets were sent. */
  probes: number;
  /** Processor time of workerd, the database in it included. */
  cpuMs: number;
  /** The shard's own count, of the calendar day. */
  meter: Operations["today"]["used"];
}

/** A day of this fleet through the real Worker, its clock set from message to message; all rings are full when it begins. */
export async function virtualDay(fleet: Fleet): Promise<DayUse> {
  const workerd = await startWorkerd({ appEntry: "virtual-day.worker.mjs" });
  const target = await LoopbackTarget.start();
  try {
    return await live(workerd, target, fleet);
  } finally {
    await workerd.stop();
    await target.stop();
  }
}

async function live({ url, pid }: Workerd, target: LoopbackTarget, fleet: Fleet): Promise<DayUse> {
  const midnight = Math.floor(Date.now() / TIER_SPECS.hour.blockMs) * TIER_SPECS.hour.blockMs;
  const virtual = (what: string, body?: unknown) =>
    fetch(`${url.app}/virtual/${what}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  await migrate(url.d1);
  await virtual(`clock?at=${midnight}`);
  const agents = await settle(url.d1, fleet, midnight);
  const { checks = 0 } = fleet;
  if (checks > 0) await settleChecks(url.d1, checks, target, midnight);
  const counts = { socketMessages: 0, connects: 0, ticks: 0, databaseCallsInTicks: 0 };
  let meter: DayUse["meter"] | undefined;
  let samples = 0;
  const connects = async (at: number) => {
    await virtual(`clock?at=${at}`);
    for (const agent of agents) await agent.connect(url.app, at);
    counts.connects += agents.length;
  };
  const tick = async (at: number) => {
    const { calls } = await databaseUsed(url.d1);
    await refusingFailure(virtual(`tick?at=${at}`));
    counts.databaseCallsInTicks += (await databaseUsed(url.d1)).calls - calls;
    counts.ticks++;
    samples += checks;
  };
  const run = async (from: number, to: number) => {
    for (let now = from; now < to; now += TICK_MS) {
      if ((now - midnight) % (DAY_MS / CONNECTS_PER_DAY) === DAY_MS / CONNECTS_PER_DAY / 2) await connects(now);
      const messages = agents.flatMap((agent) => [...agent.until(now + TICK_MS)]).sort((a, b) => a.at - b.at);
      await refusingFailure(virtual("play", messages));
      counts.socketMessages += messages.length;
      samples += messages.length;
      if (now + TICK_MS === midnight + DAY_MS) {
        const answer = await virtual(`operations?at=${now + TICK_MS - 1}`);
        meter = ((await answer.json()) as Operations).today.used;
      }
      await tick(now + TICK_MS);
    }
  };
  const soFar = async () => {
    const objects = (await (await virtual("calls")).json()) as ObjectCalls;
    return { database: await databaseUsed(url.d1), cpuMs: cpuMsOf(pid), objects, probes: target.asked };
  };
  await connects(midnight);
  const begin = midnight + BEGINS_AFTER_MS;
  await run(midnight, begin);
  Object.assign(counts, { socketMessages: 0, connects: 0, ticks: 0, databaseCallsInTicks: 0 });
  const before = await soFar();
  await run(begin, begin + DAY_MS);
  const after = await soFar();
  await refusingFailure(fetch(url.flush));
  for (const agent of agents) agent.close();
  await compare(url.d1, bucketOf(TIER_SPECS.raw, midnight), samples);
  return {
    rowsWritten: after.database.rowsWritten - before.database.rowsWritten,
    rowsRead: after.database.rowsRead - before.database.rowsRead,
    databaseCalls: after.database.calls - before.database.calls,
    objectCalls: {
      shard: after.objects.shard - before.objects.shard,
      sentinel: after.objects.sentinel - before.objects.sentinel,
      prober: after.objects.prober - before.objects.prober,
      alarms: after.objects.alarms - before.objects.alarms,
    },
    probes: after.probes - before.probes,
    cpuMs: after.cpuMs - before.cpuMs,
    meter: meter!,
    ...counts,
  };
}

/** Instances whose rings are full, and their agents. */
async function settle(d1Url: string, { instances, intervalMs }: Fleet, midnight: number): Promise<VirtualAgent[]> {
  const history = new RecordedHistory();
  const seeded = await seedInstances(d1Url, instances);
  // The recorded machine is busy, and the more so the further apart its samples are laid: what its incidents write is not what a fleet costs.
  await query(d1Url, [
    {
      sql: "UPDATE rule SET is_enabled = 0 WHERE condition ->> 'kind' IN ('metric', 'forecast', 'reboot')",
      params: [],
    },
  ]);
  const ids = seeded.map(({ id }) => id);
  for (const spec of Object.values(TIER_SPECS)) await fillRing(d1Url, ids, history, spec, midnight);
  return seeded.map(
    (instance, index) =>
      new VirtualAgent({
        instance,
        readings: endlessReadings(history.agents, index),
        intervalMs,
        // Each has its own moment within the interval, as real agents have.
        firstAt: midnight + Math.round((index / instances) * intervalMs),
      }),
  );
}

async function settleChecks(d1Url: string, count: number, { url }: LoopbackTarget, midnight: number): Promise<void> {
  const history = new RecordedHistory(recordedRounds());
  await seedSettings(d1Url);
  const ids = await seedChecks(d1Url, count, url, midnight);
  for (const spec of Object.values(TIER_SPECS)) await fillRing(d1Url, ids, history, spec, midnight);
}

/** A day whose samples are not all there would be cheap. */
async function compare(d1Url: string, fromHour: number, sent: number): Promise<void> {
  const sql = "SELECT sum(count) AS samples FROM block WHERE tier = 0 AND bucket >= ?";
  const [stored] = await query<{ samples: number }>(d1Url, [{ sql, params: [fromHour] }]);
  if (stored?.samples !== sent) throw new Error(`Of ${sent} samples of the virtual day ${stored?.samples} are stored.`);
}

async function refusingFailure(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  if (!response.ok) throw new Error(`The virtual day stopped: ${await response.text()}`);
}

/** As many blocks as the tier keeps, up to this moment. */
async function fillRing(
  d1Url: string,
  ids: string[],
  history: RecordedHistory,
  spec: TierSpec,
  until: number,
): Promise<void> {
  const end = bucketOf(spec, until);
  const kept = slotsFor(spec, RETENTION_DAYS[spec.tier].default) - 1;
  const blocks = Array.from({ length: kept }, (_, index) => {
    const bucket = end - kept + index;
    return spec.stepMs === 0 ? history.rawBlock(bucket, index) : history.pointBlock(spec, bucket);
  });
  await storeBlocks(d1Url, ids, blocks);
}
