import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { QUIET_WRANGLER } from "../scripts/build.ts";
import { startEdge, type Edge } from "../scripts/local/edge.ts";
import { keptEncryptionKeys } from "../scripts/local/encryption-keys.ts";
import { migrate } from "../scripts/local/migrate.ts";
import { knowAgentToken, makeSignInLink } from "../scripts/local/sign-in.ts";
import type { Directory } from "../worker/series/block/directory.ts";
import { unpackPoints } from "../worker/series/block/points.ts";
import { unpackSamples } from "../worker/series/block/samples.ts";
import { fromHex } from "../worker/series/hex.ts";
import { alertRows } from "./alert-rows.ts";
import { Chance } from "./chance.ts";
import type { EdgeAnswer, EdgeQuestion, EdgeSettings, StoredSample } from "./killable-edge.ts";
import { sentinelRows } from "./sentinel-rows.ts";

/** The edge in a process of its own, started by `KillableEdge` and killed whenever that likes. */
const ROOT = join(import.meta.dirname, "..");
const FLUSH_PAUSE_MS = [300, 2_000] as const;

const settings = JSON.parse(process.argv[2]!) as EdgeSettings;
const chance = new Chance(settings.seed);
let isFlushedByChance = settings.isFlushedByChance;

async function start(): Promise<Edge> {
  Object.assign(process.env, QUIET_WRANGLER);
  const { tokens, seed: _seed, isFlushedByChance: _isFlushed, ...more } = settings;
  const encryptionKeys = await keptEncryptionKeys(settings.stateDir);
  const edge = await startEdge({ root: ROOT, mode: "live", encryptionKeys, ...more });
  await migrate(edge.db, join(ROOT, "drizzle"));
  for (const { token, instanceId } of tokens) await knowAgentToken(edge.db, token, instanceId, instanceId);
  return edge;
}

interface BlockRow {
  instanceId: string;
  count: number;
  directory: string;
  data: string;
}

const blockOf = ({ count, directory, data }: BlockRow) => ({
  count,
  directory: JSON.parse(directory) as Directory,
  data: fromHex(data),
});

/** Every sample in a raw block, read with the decoder of the Worker. */
async function storedSamples({ db }: Edge): Promise<StoredSample[]> {
  const blocks = await db
    .prepare("SELECT instance_id AS instanceId, count, directory, hex(data) AS data FROM block WHERE tier = 0")
    .all<BlockRow>();
  const streams = await db
    .prepare("SELECT instance_id AS instanceId, id, number FROM stream")
    .all<{ instanceId: string; id: string; number: number }>();
  const nameOf = new Map(streams.results.map(({ instanceId, id, number }) => [`${instanceId} ${number}`, id]));
  return blocks.results.flatMap((row) => {
    const { instanceId } = row;
    const columns = unpackSamples(blockOf(row), (series) => {
      throw new Error(`${instanceId}: the column ${series} cannot be read`);
    });
    return columns.at.map((at, index) => {
      const stream = nameOf.get(`${instanceId} ${columns.stream[index]}`);
      if (stream === undefined) throw new Error(`${instanceId}: no stream has the number ${columns.stream[index]}`);
      return { instanceId, stream, seq: columns.seq[index]!, at };
    });
  });
}

/** How many samples of each instance went into the points of an hour. */
async function rolledSamples({ db }: Edge): Promise<Record<string, number>> {
  const { results } = await db
    .prepare("SELECT instance_id AS instanceId, count, directory, hex(data) AS data FROM block WHERE tier = 2")
    .all<BlockRow>();
  const rolled: Record<string, number> = {};
  for (const row of results) {
    const { samples } = unpackPoints(blockOf(row), (series) => {
      throw new Error(`${row.instanceId}: the column ${series} cannot be read`);
    });
    rolled[row.instanceId] = samples.reduce((sum, count) => sum + count, rolled[row.instanceId] ?? 0);
  }
  return rolled;
}

async function flushByChance(edge: Edge): Promise<void> {
  for (;;) {
    await setTimeout(chance.between(...FLUSH_PAUSE_MS));
    if (isFlushedByChance) await edge.flush().catch((error: Error) => console.error(`flush: ${error.message}`));
  }
}

const edge = await start();
process.on("message", async ({ id, ask, at = Date.now() }: EdgeQuestion) => {
  const answer = async (): Promise<EdgeAnswer> => {
    try {
      if (ask === "flush") await edge.flush();
      else if (ask === "tick") await edge.tick(at);
      else if (ask === "flush only when told") isFlushedByChance = false;
      else if (ask === "stored") return { id, stored: await storedSamples(edge) };
      else if (ask === "rolled") return { id, rolled: await rolledSamples(edge) };
      else if (ask === "sentinel rows") return { id, sentinelRows: await sentinelRows(edge.db) };
      else if (ask === "alert rows") return { id, alertRows: await alertRows(edge.db) };
      else if (ask === "sign-in link")
        return { id, link: await makeSignInLink(edge.db, `http://127.0.0.1:${settings.port}`) };
      return { id };
    } catch (error) {
      return { id, error: String((error as Error).stack) };
    }
  };
  process.send!(await answer());
});
process.on("disconnect", () => void edge.stop().finally(() => process.exit()));
process.send!({ id: 0 } satisfies EdgeAnswer);
void flushByChance(edge);
