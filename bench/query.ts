import { Connection } from "./connection.ts";
import { median, round } from "./figures.ts";
import { RecordedHistory, type MadeBlock } from "./history.ts";
import { databaseUsed, makeRowPerRequestTable, migrate, query as ask, signIn } from "./seed.ts";
import { storeBlocks } from "./stored-blocks.ts";
import { bucketOf, HOURS_PER_ROLL, TIER_SPECS, type TierSpec } from "../worker/series/tiers.ts";
import { RETENTION_DAYS } from "../contract/limits.ts";
import { cpuMsOf } from "./usage.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

const DAY_MS = 86_400_000;
const OTHERS = 50;
const ROUNDS = 30;
const WARM_UP_ROUNDS = 5;
/** What one chart of the dashboard asks for. */
const KEYS = ["cpu_busy_ratio", "cpu_user_ratio", "cpu_system_ratio", "cpu_iowait_ratio"];

interface Case {
  says: string;
  socket: "app" | "rowPerSample";
  path: string;
  /** Days shown, over all instances. */
  days: number;
}

/** What a chart waits for: windows of a day, a month and two years, and a day of fifty instances, from rings that are full. */
export async function query(): Promise<Record<string, number>> {
  const workerd = await startWorkerd();
  try {
    const now = Date.now();
    const ids = await seed(workerd, now);
    const cookie = await signIn(workerd.url.d1, workerd.url.app);
    return await measure(workerd, casesOf(ids, now), cookie);
  } finally {
    await workerd.stop();
  }
}

function casesOf([id, ...others]: string[], now: number) {
  const window = (days: number, points = 600) => `from=${now - days * DAY_MS}&to=${now}&points=${points}`;
  const one = (days: number, points?: number) =>
    `/api/instances/${id}/series?metrics=${KEYS.join()}&${window(days, points)}`;
  return {
    ms24h: { says: "24 h", socket: "app", path: one(1), days: 1 },
    rowPerSample: { says: "24 h, one row a sample", socket: "rowPerSample", path: one(1), days: 1 },
    ms30d: { says: "30 d", socket: "app", path: one(29.9), days: 30 },
    ms30dFine: { says: "30 d, 2,000 points", socket: "app", path: one(29.9, 2_000), days: 30 },
    ms2y: { says: "2 y", socket: "app", path: one(729), days: 730 },
    ms24hOf50: {
      says: `24 h of ${OTHERS} instances`,
      socket: "app",
      path: `/api/series?instances=${others.join()}&metrics=${KEYS[0]}&${window(1)}`,
      days: OTHERS,
    },
  } as const satisfies Record<string, Case>;
}

async function measure(
  { url, pid }: Workerd,
  cases: Record<string, Case>,
  cookie: string,
): Promise<Record<string, number>> {
  const connections = { app: new Connection(url.app), rowPerSample: new Connection(url.rowPerSample) };
  const run = async ({ socket, path }: Case) => {
    const connection = connections[socket];
    const began = performance.now();
    const status = await connection.get(path, `Cookie: ${cookie}`);
    const ms = performance.now() - began;
    if (status !== 200) throw new Error(`${path}: ${status} ${connection.lastBody}`);
    if (!connection.lastBody.includes('"blocksUnreadable":0'))
      throw new Error(`${path}: not all blocks could be read.`);
    return ms;
  };
  const all = Object.entries(cases);
  const times = new Map(all.map(([name]) => [name, [] as number[]]));
  for (let turn = 0; turn < WARM_UP_ROUNDS + ROUNDS; turn++) {
    // In turns, so that a slow spell of the machine slows all of them.
    for (const [name, one] of all) {
      const ms = await run(one);
      if (turn >= WARM_UP_ROUNDS) times.get(name)!.push(ms);
    }
  }
  for (const [name, one] of all) {
    const [before, cpuBefore] = [await databaseUsed(url.d1), cpuMsOf(pid)];
    for (let turn = 0; turn < 10; turn++) await run(one);
    const [after, cpuAfter] = [await databaseUsed(url.d1), cpuMsOf(pid)];
    const rows = (after.rowsRead - before.rowsRead) / 10;
    const figures = times.get(name)!;
    const { length } = connections[one.socket].lastBody;
    console.error(
      `${one.says.padEnd(24)} median ${median(figures).toFixed(1)} ms, slowest ${Math.max(...figures).toFixed(1)} ms; ` +
        `${((cpuAfter - cpuBefore) / 10).toFixed(0)} ms of processor time, database included; ` +
        `${rows} rows read (${(rows / one.days).toFixed(1)} a day shown); ${(length / 1e3).toFixed(0)} kB`,
    );
  }
  for (const connection of Object.values(connections)) connection.close();
  const of = (name: string) => median(times.get(name)!);
  return {
    ms24h: round(of("ms24h"), 1),
    ms30d: round(of("ms30d"), 1),
    ms30dFine: round(of("ms30dFine"), 1),
    ms2y: round(of("ms2y"), 1),
    ms24hOf50: round(of("ms24hOf50"), 1),
    ratioToRowPerSample: round(of("rowPerSample") / of("ms24h"), 2),
  };
}

/** One instance whose rings are full, and fifty with a day; the first one's day also as one row a sample. */
async function seed({ url }: Workerd, now: number): Promise<string[]> {
  await migrate(url.d1);
  await makeRowPerRequestTable(url.d1);
  const ids = Array.from({ length: 1 + OTHERS }, (_, index) => `bench-${String(index).padStart(4, "0")}`);
  const sql =
    "INSERT INTO instance (id, name, interval_ms, clock_offset_ms, first_seen_at) VALUES (?1, ?1, 30000, 0, ?2)";
  await ask(
    url.d1,
    ids.map((id) => ({ sql, params: [id, now] })),
  );
  const history = new RecordedHistory();
  for (const spec of Object.values(TIER_SPECS)) {
    await storeBlocks(url.d1, ids.slice(0, 1), blocksOf(history, spec, RETENTION_DAYS[spec.tier].default, now));
  }
  const day = [TIER_SPECS.raw, TIER_SPECS.fiveMinutes].flatMap((spec) => blocksOf(history, spec, 1, now));
  await storeBlocks(url.d1, ids.slice(1), day);

  const from = now - DAY_MS;
  const samples = history.samples(DAY_MS / history.intervalMs, from, 0);
  const rows = samples.map(({ at, metrics }, index) => [ids[0]!, at, index + 1, JSON.stringify(metrics)]);
  const insert = "INSERT INTO sample (instance_id, at, seq, metrics) VALUES (?, ?, ?, ?)";
  await ask(
    url.d1,
    rows.map((params) => ({ sql: insert, params })),
  );
  return ids;
}

/** The blocks of so many days that are finished; the coarser tiers end with the last quarter day that is over, as they do in earnest. */
function blocksOf(history: RecordedHistory, spec: TierSpec, days: number, now: number): MadeBlock[] {
  const quarter = bucketOf(TIER_SPECS.fiveMinutes, now);
  const end =
    spec.stepMs === 0 ? bucketOf(spec, now) : bucketOf(spec, quarter * HOURS_PER_ROLL * TIER_SPECS.raw.blockMs);
  const kept = Math.ceil((days * DAY_MS) / spec.blockMs);
  return Array.from({ length: kept }, (_, index) => {
    const bucket = end - kept + index;
    return spec.stepMs === 0 ? history.rawBlock(bucket, index) : history.pointBlock(spec, bucket);
  });
}
