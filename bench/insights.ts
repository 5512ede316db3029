import { RETENTION_DAYS } from "../contract/limits.ts";
import { bucketOf, HOURS_PER_ROLL, TIER_SPECS, type TierSpec } from "../worker/series/tiers.ts";
import { INSIGHTS_EVERY_MS } from "../worker/settings.ts";
import { Connection } from "./connection.ts";
import { median, round } from "./figures.ts";
import { RecordedHistory, type MadeBlock } from "./history.ts";
import { migrate, query as ask, signIn } from "./seed.ts";
import { storeBlocks } from "./stored-blocks.ts";
import { cpuMsOf, requireProc } from "./usage.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const INSTANCES = 100;
const FLEET = 500;
const FINE_DAYS = 14;
const HOURLY_DAYS = 60;
/** Hours that the fleet is looked into after it has been learned. */
const HOURS = 6;
const READS = 100;

/**
 * What insights cost: a fleet with 60 days behind it is learned, then looked into hour by hour by the sentinel's own step; and what
 * reading what was found takes. Processor time is all of workerd's, the database's included: an upper bound.
 */
export async function insights(): Promise<Record<string, number>> {
  requireProc();
  const workerd = await startWorkerd({ appEntry: "insights.worker.mjs" });
  try {
    const quarterMs = HOURS_PER_ROLL * HOUR_MS;
    // What is looked into ends where the tiers end, so that no samples have to be made for it: the moment after a quarter day was rolled.
    const end = Math.floor(Date.now() / quarterMs) * quarterMs;
    const begun = end - HOURS * HOUR_MS + 10 * 60_000;
    const ids = await seed(workerd, end);
    const learned = await lookIntoAll(workerd, begun);
    const hours: number[] = [];
    for (let hour = 1; hour < HOURS; hour++) hours.push(await lookIntoAll(workerd, begun + hour * INSIGHTS_EVERY_MS));
    const perInstance = median(hours) / INSTANCES;
    console.error(
      `learned          ${(learned / INSTANCES).toFixed(1)} ms of processor time an instance, once\n` +
        `looked into      ${perInstance.toFixed(1)} ms an instance and hour (${hours.map((ms) => (ms / INSTANCES).toFixed(1)).join(", ")})`,
    );
    return {
      corePercent500Hourly: round((perInstance * FLEET * 100) / HOUR_MS, 2),
      readCpuMs: await readAll(workerd, ids[0]!),
      learnCpuMs: round(learned / INSTANCES, 1),
    };
  } finally {
    await workerd.stop();
  }
}

/** Has the sentinel look into every instance as if it were this moment; answers the processor time it took. */
async function lookIntoAll({ url, pid }: Workerd, at: number): Promise<number> {
  const before = cpuMsOf(pid);
  const response = await fetch(`${url.app}/bench/look?at=${at}`);
  if (!response.ok) throw new Error(`Looking failed: ${await response.text()}`);
  const { says } = (await response.json()) as { says?: string };
  if (!says?.startsWith(`${INSTANCES} of ${INSTANCES} due`)) throw new Error(`It did not look into all: ${says}`);
  const spent = cpuMsOf(pid) - before;
  console.error(`${new Date(at).toISOString()} ${says}, ${spent} ms of processor time`);
  return spent;
}

async function readAll({ url, pid }: Workerd, id: string): Promise<number> {
  const cookie = await signIn(url.d1, url.app);
  const connection = new Connection(url.app);
  const paths = {
    list: "/api/insights?limit=50",
    summary: "/api/insight-summary",
    outlook: `/api/instances/${id}/outlook`,
    original: "/insights",
  };
  const figures: number[] = [];
  for (const [name, path] of Object.entries(paths)) {
    for (let warm = 0; warm < 10; warm++) await read(connection, path, cookie);
    const before = cpuMsOf(pid);
    for (let turn = 0; turn < READS; turn++) await read(connection, path, cookie);
    const perRead = (cpuMsOf(pid) - before) / READS;
    figures.push(perRead);
    console.error(
      `${name.padEnd(16)} ${perRead.toFixed(1)} ms a read; ${(connection.lastBody.length / 1e3).toFixed(0)} kB`,
    );
  }
  connection.close();
  return round(Math.max(...figures), 1);
}

async function read(connection: Connection, path: string, cookie: string): Promise<void> {
  const status = await connection.get(path, `Cookie: ${cookie}\r\nAccept: application/json`);
  if (status !== 200) throw new Error(`${path}: ${status} ${connection.lastBody.slice(0, 300)}`);
}

async function seed({ url }: Workerd, end: number): Promise<string[]> {
  await migrate(url.d1);
  const ids = Array.from({ length: INSTANCES }, (_, index) => `bench-${String(index).padStart(4, "0")}`);
  const sql =
    "INSERT INTO instance (id, name, interval_ms, clock_offset_ms, first_seen_at, region) VALUES (?1, ?1, 30000, 0, ?2, ?3)";
  await ask(
    url.d1,
    ids.map((id, index) => ({ sql, params: [id, end - HOURLY_DAYS * DAY_MS, `region-${index % 4}`] })),
  );
  const history = new RecordedHistory();
  const days = Math.min(HOURLY_DAYS, RETENTION_DAYS.hour.default);
  const blocks = [
    ...blocksOf(history, TIER_SPECS.fiveMinutes, FINE_DAYS, end),
    ...blocksOf(history, TIER_SPECS.hour, days, end),
  ];
  await storeBlocks(url.d1, ids, blocks);
  return ids;
}

/** The blocks of so many days up to the end of a quarter day. */
function blocksOf(history: RecordedHistory, spec: TierSpec, days: number, end: number): MadeBlock[] {
  const last = bucketOf(spec, end - 1);
  const kept = Math.ceil((days * DAY_MS) / spec.blockMs);
  return Array.from({ length: kept }, (_, index) => history.pointBlock(spec, last - kept + 1 + index));
}
