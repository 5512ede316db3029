import { Connection } from "./connection.ts";
import { BenchAgent } from "./envelope.ts";
import { median, round } from "./figures.ts";
import { seedInstances, signIn } from "./seed.ts";
import { cpuMsOf } from "./usage.ts";
import type { Workerd } from "./workerd.ts";

const CONNECTIONS = 16;
const INSTANCES = 256;
const INGEST_ROUNDS = 31;
const READ_ROUNDS = 9;
const INGESTS_PER_ROUND = 8_000;
const READS_PER_ROUND = 3_000;

/**
 * Processor time that authorisation adds to a request, as the difference between two that are the same but for it, asked of one
 * workerd in turns. All threads and the kernel are counted, and for reads the stand-in for D1 too, which looks the session up:
 * an upper bound of what the Worker itself is billed for.
 *
 * - ingest: an envelope without samples to `baseline/authorised.ts` and to `baseline/validate.ts`. Both parse and check it; the
 *   first also finds the token and what is known of it, as the Worker does, and again with its count, as the shard does.
 * - read: `GET /api/instances/:id` with a session's cookie, of the Worker and of the same Worker built with a gate that lets
 *   everybody in (`baseline/open-gate.mjs`).
 */
export async function accessCost(workerd: Workerd): Promise<Record<string, number>> {
  const { app, d1, authorised, validate, ungated } = workerd.url;
  const instances = await seedInstances(d1, INSTANCES);
  const bodies = instances.map((instance) => JSON.stringify(new BenchAgent(instance).envelope(0)));
  const ingest = (url: string) =>
    cpuPerRequest(workerd, url, INGESTS_PER_ROUND, (connection, turn) =>
      connection.post("/ingest", instances[turn % INSTANCES]!.token, bodies[turn % INSTANCES]!),
    );

  const reporting = instances[0]!;
  const reports = new Connection(app);
  await reports.post("/ingest", reporting.token, JSON.stringify(new BenchAgent(reporting).envelope(1)));
  reports.close();
  const cookie = `Cookie: ${await signIn(d1, app)}`;
  const read = (url: string) =>
    cpuPerRequest(workerd, url, READS_PER_ROUND, (connection) =>
      connection.get(`/api/instances/${reporting.id}`, cookie),
    );

  return {
    ingestAuthCpuMs: await difference(
      "ingest",
      INGEST_ROUNDS,
      () => ingest(authorised),
      () => ingest(validate),
    ),
    readAuthCpuMs: await difference(
      "read",
      READ_ROUNDS,
      () => read(app),
      () => read(ungated),
    ),
  };
}

/** The median of the rounds' differences: a slow spell of the machine slows both halves of a round. */
async function difference(
  name: string,
  roundCount: number,
  withIt: () => Promise<number>,
  without: () => Promise<number>,
) {
  await withIt();
  await without();
  const rounds: { withIt: number; without: number }[] = [];
  for (let i = 0; i < roundCount; i++) rounds.push({ withIt: await withIt(), without: await without() });
  const differences = rounds.map((figures) => figures.withIt - figures.without);
  const medianOf = (side: "withIt" | "without") => median(rounds.map((figures) => figures[side])).toFixed(4);
  console.error(
    `${name.padEnd(7)} ${medianOf("withIt")} ms CPU with, ${medianOf("without")} ms without authorisation ` +
      `(differences ${differences.map((figure) => figure.toFixed(4)).join(", ")})`,
  );
  return round(median(differences), 4);
}

async function cpuPerRequest(
  { pid }: Workerd,
  url: string,
  requests: number,
  ask: (connection: Connection, turn: number) => Promise<number>,
): Promise<number> {
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(url));
  let turn = 0;
  const before = cpuMsOf(pid);
  await Promise.all(
    connections.map(async (connection) => {
      while (turn < requests) {
        const status = await ask(connection, turn++);
        if (status !== 200) throw new Error(`A request was refused: ${status} ${connection.lastBody}`);
      }
    }),
  );
  const spent = cpuMsOf(pid) - before;
  for (const connection of connections) connection.close();
  return spent / requests;
}
