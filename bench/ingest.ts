import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Round, RoundResult } from "./driver.ts";
import { median, round } from "./figures.ts";
import { makeRowPerRequestTable, migrate, seedInstances } from "./seed.ts";
import { end, startWorkerd, type Workerd } from "./workerd.ts";

const CONNECTIONS = 64;
/** Sixteen to a connection: one agent never sends back to back, nor oftener than the 600 times a minute a token is good for. */
const INSTANCES = 1_024;
const ROUNDS = 5;
const ROUND_MS = 3_000;
const WARM_UP_MS = 3_000;

const CASES = {
  validate: { socket: "validate", samplesPerPost: 1, says: "empty POST, same validation" },
  rowPerRequest: { socket: "rowPerRequest", samplesPerPost: 1, says: "one D1 row per request" },
  nephos: { socket: "app", samplesPerPost: 1, says: "Nephos, one sample per POST" },
  nephosTen: { socket: "app", samplesPerPost: 10, says: "Nephos, ten samples per POST" },
} as const;
type Case = keyof typeof CASES;

/** Samples a second through `POST /ingest` of senders that keep nothing, durable at the reply, beside what the same runtime does without storage and with a plain insert. */
export async function ingest(): Promise<Record<string, number>> {
  const workerd = await startWorkerd();
  const driver = fork(join(import.meta.dirname, "driver.ts"));
  try {
    await migrate(workerd.url.d1);
    await makeRowPerRequestTable(workerd.url.d1);
    driver.send({ instances: await seedInstances(workerd.url.d1, INSTANCES) });
    return report(await measure(workerd, driver));
  } finally {
    await end(driver);
    await workerd.stop();
  }
}

async function measure(workerd: Workerd, driver: ChildProcess): Promise<Record<Case, RoundResult[]>> {
  const results: Record<Case, RoundResult[]> = { validate: [], rowPerRequest: [], nephos: [], nephosTen: [] };
  const names = Object.keys(CASES) as Case[];
  const run = (name: Case, forMs: number) => {
    const { socket, samplesPerPost } = CASES[name];
    return driveOnce(driver, {
      url: workerd.url[socket],
      connections: CONNECTIONS,
      samplesPerPost,
      payload: "original",
      forMs,
    });
  };
  for (const name of names) await run(name, WARM_UP_MS);
  // In turns, so that a slow spell of the machine slows all of them.
  for (let i = 0; i < ROUNDS; i++) for (const name of names) results[name].push(await run(name, ROUND_MS));
  return results;
}

async function driveOnce(driver: ChildProcess, order: Round): Promise<RoundResult> {
  driver.send(order);
  const [answer] = (await once(driver, "message")) as [{ result?: RoundResult; error?: string }];
  if (!answer.result) throw new Error(`The driver failed: ${answer.error}`);
  if (answer.result.refused) throw new Error(`${answer.result.refused} refused, the first: ${answer.result.refusal}`);
  return answer.result;
}

function report(results: Record<Case, RoundResult[]>): Record<string, number> {
  const rate = (name: Case) => median(results[name].map((result) => result.samplesPerSecond));
  for (const [name, { says }] of Object.entries(CASES) as [Case, (typeof CASES)[Case]][]) {
    const rounds = results[name].map((result) => Math.round(result.samplesPerSecond)).join(", ");
    const p50 = median(results[name].map((result) => result.p50Ms)).toFixed(1);
    const p99 = median(results[name].map((result) => result.p99Ms)).toFixed(1);
    console.error(
      `${says.padEnd(30)} ${String(Math.round(rate(name))).padStart(6)} samples/s  p50 ${p50} ms  p99 ${p99} ms  (${rounds})`,
    );
  }
  return {
    samplesPerSecond: Math.round(rate("nephos")),
    ratioToRowPerRequest: round(rate("nephos") / rate("rowPerRequest"), 2),
    ratioToEmptyValidate: round(rate("nephos") / rate("validate"), 2),
    rowPerRequestPerSecond: Math.round(rate("rowPerRequest")),
    emptyValidatePerSecond: Math.round(rate("validate")),
    samplesPerSecondTenPerPost: Math.round(rate("nephosTen")),
    p50Ms: round(median(results.nephos.map((result) => result.p50Ms)), 1),
    p99Ms: round(median(results.nephos.map((result) => result.p99Ms)), 1),
  };
}
