import type { Operations } from "../contract/operations.ts";
import { bucketOf, slotsFor, TIER_SPECS, type TierSpec } from "../worker/series/tiers.ts";
import { RETENTION_DAYS } from "../contract/limits.ts";
import { RecordedHistory } from "./history.ts";
import { endlessReadings } from "./recording.ts";
import { databaseUsed, migrate, query, seedInstances } from "./seed.ts";
import { storeBlocks } from "./stored-blocks.ts";
import { cpuMsOf } from "./usage.ts";
import { VirtualAgent } from "./virtual-agent.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const DAY_MS = 86_400_000;
const TICK_MS = 120_000;
/** A quarter day is rolled some 15 minutes after its end: a day that begins so much later has four of them. */
const BEGINS_AFTER_MS = 30 * 60_000;
/** Each agent comes back so often: a deployment, a network. */
export const CONNECTS_PER_DAY = 4;

/** What one day of a fleet came to. */
export interface DayUse {
  rowsWritten: number;
  rowsRead: number;
  /** Round trips to the database. */
  databaseCalls: number;
  socketMessages: number;
  connects: number;
  ticks: number;
  /** Processor time of workerd, the database in it included. */
  cpuMs: number;
  /** The shard's own count, of the calendar day. */
  meter: Operations["today"]["used"];
}

/** A day of so many instances through the real Worker, its clock set from message to message; all rings are full when it begins. */
export async function virtualDay(instances: number, intervalMs: number): Promise<DayUse> {
  const workerd = await startWorkerd({ appEntry: "virtual-day.worker.mjs" });
  try {
    return await live(workerd, instances, intervalMs);
  } finally {
    await workerd.stop();
  }
}

async function live({ url, pid }: Workerd, count: number, intervalMs: number): Promise<DayUse> {
  const midnight = Math.floor(Date.now() / TIER_SPECS.hour.blockMs) * TIER_SPECS.hour.blockMs;
  const history = new RecordedHistory();
  const virtual = (what: string, body?: unknown) =>
    fetch(`${url.app}/virtual/${what}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  await migrate(url.d1);
  await virtual(`clock?at=${midnight}`);
  const seeded = await seedInstances(url.d1, count);
  const ids = seeded.map(({ id }) => id);
  for (const spec of Object.values(TIER_SPECS)) await fillRing(url.d1, ids, history, spec, midnight);

  const agents = seeded.map(
    (instance, index) =>
      new VirtualAgent({
        instance,
        readings: endlessReadings(history.agents, index),
        intervalMs,
        // Each has its own moment within the interval, as real agents have.
        firstAt: midnight + Math.round((index / count) * intervalMs),
      }),
  );
  const connects = async (at: number) => {
    await virtual(`clock?at=${at}`);
    for (const agent of agents) await agent.connect(url.app, at);
    counts.connects += agents.length;
  };
  const counts = { socketMessages: 0, connects: 0, ticks: 0 };
  let meter: DayUse["meter"] | undefined;
  let sent = 0;
  const run = async (from: number, to: number) => {
    for (let now = from; now < to; now += TICK_MS) {
      if ((now - midnight) % (DAY_MS / CONNECTS_PER_DAY) === DAY_MS / CONNECTS_PER_DAY / 2) await connects(now);
      const messages = agents.flatMap((agent) => [...agent.until(now + TICK_MS)]).sort((a, b) => a.at - b.at);
      await refusingFailure(virtual("play", messages));
      counts.socketMessages += messages.length;
      sent += messages.length;
      if (now + TICK_MS === midnight + DAY_MS) {
        const answer = await virtual(`operations?at=${now + TICK_MS - 1}`);
        meter = ((await answer.json()) as Operations).today.used;
      }
      await refusingFailure(virtual(`tick?at=${now + TICK_MS}`));
      counts.ticks++;
    }
  };
  await connects(midnight);
  const begin = midnight + BEGINS_AFTER_MS;
  await run(midnight, begin);
  Object.assign(counts, { socketMessages: 0, connects: 0, ticks: 0 });
  const [before, cpuBefore] = [await databaseUsed(url.d1), cpuMsOf(pid)];
  await run(begin, begin + DAY_MS);
  const [after, cpuAfter] = [await databaseUsed(url.d1), cpuMsOf(pid)];
  await refusingFailure(fetch(url.flush));
  for (const agent of agents) agent.close();
  await compare(url.d1, bucketOf(TIER_SPECS.raw, midnight), sent);
  return {
    rowsWritten: after.rowsWritten - before.rowsWritten,
    rowsRead: after.rowsRead - before.rowsRead,
    databaseCalls: after.calls - before.calls,
    cpuMs: cpuAfter - cpuBefore,
    meter: meter!,
    ...counts,
  };
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
