import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { database } from "../db/client.ts";
import { ONLY_SHARD } from "../live/shard-of.ts";
import { envelope, fetchApp, Owner, post, storedSamples } from "../testing/people.ts";
import { vaultOf } from "../vault/vault.ts";
import { runTick, type Others } from "./tick.ts";

const others = (more: Partial<Others> = {}): Others => ({
  shard: () => onlyShard().tick(Date.now()),
  endStaleSockets: () => onlyShard().endStaleSockets(),
  sweepDesk: async () => {},
  vault: () => vaultOf(env),
  auditRetentionMs: 365 * 86_400_000,
  ...more,
});
const onlyShard = () => env.FLEET.get(env.FLEET.idFromName(ONLY_SHARD));

const DAY = 86_400_000;

it("a tick writes the blocks that are due, and is seen in health", async () => {
  const owner = await Owner.signedIn();
  const { secret } = await owner.newToken();
  const at = Date.now() - 3_600_000;
  await post(secret, envelope({ id: "due", samples: [{ seq: 1, at, metrics: { load_1m: 1 } }] }));
  const later = Date.now() + 5 * 60_000;
  await runTick(database(env.DB), others({ shard: () => onlyShard().tick(later) }), later, () => later + 5);
  const rows = await env.DB.prepare("SELECT count FROM block WHERE instance_id = 'due' AND tier = 0").all();
  expect(rows.results).toEqual([{ count: 1 }]);
  expect(await (await fetchApp("/api/health")).json()).toMatchObject({ lastTickAt: later + 5 });
});

it("the first tick of a day removes what is past its time of instances that fell silent, and keeps the rest", async () => {
  const owner = await Owner.signedIn();
  const { secret } = await owner.newToken();
  const at = Date.now();
  const samples = [at - 6 * DAY, at].map((moment, i) => ({ seq: i + 1, at: moment, metrics: { load_1m: i } }));
  await post(secret, envelope({ id: "silent", samples }));
  expect(await storedSamples("silent")).toHaveLength(2);
  // A raw block has its place for eight days: until then somebody may add to it.
  const day = Math.ceil((at + 2 * DAY + 3_600_000) / DAY) * DAY;
  await runTick(database(env.DB), others(), day + 2 * 60_000, () => day);
  expect(await storedSamples("silent")).toHaveLength(2);
  await runTick(database(env.DB), others(), day, () => day);
  expect((await storedSamples("silent")).map(({ seq }) => seq)).toEqual([2]);
});

it("a step that fails does not stop the others", async () => {
  const failing = others({ shard: () => Promise.reject(new Error("the shard is away")) });
  const now = Date.now();
  await runTick(database(env.DB), failing, now, () => now + 7);
  const row = await env.DB.prepare("SELECT finished_at AS finishedAt FROM tick").first();
  expect(row).toEqual({ finishedAt: now + 7 });
});
