import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Round, RoundResult } from "./driver.ts";
import { median, round } from "./figures.ts";
import { databaseUsed, makeRowPerRequestTable, migrate, query, seedInstances } from "./seed.ts";
import type { Driven, Order } from "./socket-driver.ts";
import { end, startWorkerd, type Workerd } from "./workerd.ts";

/** A token may send 600 messages a minute: so many agents send ten thousand a second without being refused. */
const AGENTS = 2_048;
const ROUNDS = 5;
/** What an agent sends between two flushes, so that a block is written six times for an hour, as in earnest. */
const SAMPLES_PER_AGENT = 20;
const SAMPLES_PER_MESSAGE_MORE = 10;
const POSTS = { connections: 64, samplesPerPost: 1, payload: "envelope", forMs: 3_000 } as const;
const FIRST_SAMPLE_AGO_MS = 2 * 86_400_000;

/** Samples a second through one shard over sockets, told to be durable, beside one D1 row per POST. */
export async function socket(): Promise<Record<string, number>> {
  const workerd = await startWorkerd();
  const [sockets, posts] = ["socket-driver.ts", "driver.ts"].map((file) => fork(join(import.meta.dirname, file)));
  try {
    return await measure(workerd, sockets!, posts!);
  } finally {
    await end(sockets!);
    await end(posts!);
    await workerd.stop();
  }
}

async function measure({ url }: Workerd, sockets: ChildProcess, posts: ChildProcess): Promise<Record<string, number>> {
  await migrate(url.d1);
  await makeRowPerRequestTable(url.d1);
  const instances = await seedInstances(url.d1, AGENTS);
  posts.send({ instances });
  const from = Math.floor((Date.now() - FIRST_SAMPLE_AGO_MS) / 3_600_000) * 3_600_000;
  await told(sockets, { kind: "open", url: url.app, instances, from });

  const rates = { one: [] as number[], ten: [] as number[], posts: [] as number[] };
  let durable: Driven["durable"] = {};
  let rowsWritten = 0;
  const drive = async (samplesPerMessage: number) => {
    const order = {
      kind: "round",
      flushUrl: url.flush,
      samplesPerAgent: SAMPLES_PER_AGENT,
      samplesPerMessage,
    } as const;
    const before = await databaseUsed(url.d1);
    const driven = (await told(sockets, order)) as Driven;
    rowsWritten += (await databaseUsed(url.d1)).rowsWritten - before.rowsWritten;
    durable = driven.durable;
    return driven.samples / driven.seconds;
  };
  const post = async () => ((await told(posts, { url: url.rowPerRequest, ...POSTS })) as RoundResult).samplesPerSecond;
  await drive(1);
  await post();
  // In turns, so that a slow spell of the machine slows all of them.
  for (let turn = 0; turn < ROUNDS; turn++) {
    rates.one.push(await drive(1));
    rates.posts.push(await post());
    rates.ten.push(await drive(SAMPLES_PER_MESSAGE_MORE));
  }
  await compare(url.d1, durable);
  console.error(`${rowsWritten} rows were written for them`);
  say(`${AGENTS} sockets, one sample a message`, rates.one);
  say(`${AGENTS} sockets, ${SAMPLES_PER_MESSAGE_MORE} samples a message`, rates.ten);
  say("one D1 row per POST", rates.posts);
  return {
    samplesPerSecond: Math.round(median(rates.one)),
    // Of each turn, since both have the same spell of the machine.
    ratioToRowPerRequest: round(median(rates.one.map((rate, turn) => rate / rates.posts[turn]!)), 2),
    rowPerRequestPerSecond: Math.round(median(rates.posts)),
    samplesPerSecondTenPerMessage: Math.round(median(rates.ten)),
  };
}

/** The database has what the agents were told, no less and no more. */
async function compare(d1Url: string, durable: Driven["durable"]): Promise<void> {
  const sql = "SELECT instance_id AS id, sum(count) AS samples FROM block WHERE tier = 0 GROUP BY instance_id";
  const stored = new Map(
    (await query<{ id: string; samples: number }>(d1Url, [{ sql }])).map((row) => [row.id, row.samples]),
  );
  for (const [id, samples] of Object.entries(durable)) {
    if (stored.get(id) !== samples) throw new Error(`${id} was told of ${samples} samples, and has ${stored.get(id)}.`);
  }
  const all = [...stored.values()].reduce((sum, samples) => sum + samples, 0);
  console.error(`the database holds the ${all} samples that were said to be durable, of ${stored.size} instances`);
}

async function told(driver: ChildProcess, order: Order | Round): Promise<unknown> {
  driver.send(order);
  const [answer] = (await once(driver, "message")) as [{ result?: unknown; error?: string }];
  if (answer.error !== undefined) throw new Error(`The driver failed: ${answer.error}`);
  return answer.result;
}

function say(what: string, rates: readonly number[]): void {
  const rounds = rates.map(Math.round).join(", ");
  console.error(`${what.padEnd(40)} ${String(Math.round(median(rates))).padStart(6)} samples/s  (${rounds})`);
}
