import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { database } from "../db/client.ts";
import { ONLY_SHARD } from "../live/shard-of.ts";
import { journalAge } from "../series/journal-store.ts";
import { JOURNAL_AGE_MAX_MS, SAMPLE_RETENTION_MS } from "../settings.ts";
import { envelope, fetchApp, Owner, post, storedSamples } from "../testing/people.ts";
import { vaultOf } from "../vault/vault.ts";
import { runTick, type Others } from "./tick.ts";

const others = (more: Partial<Others> = {}): Others => ({
  pack: () => onlyShard().pack(),
  endStaleSockets: () => onlyShard().endStaleSockets(),
  sweepDesk: async () => {},
  vault: () => vaultOf(env),
  auditRetentionMs: 365 * 86_400_000,
  ...more,
});
const onlyShard = () => env.FLEET.get(env.FLEET.idFromName(ONLY_SHARD));

it("a tick removes what is past its retention, keeps the rest, and is seen in health", async () => {
  const owner = await Owner.signedIn();
  const { secret } = await owner.newToken();
  const at = Date.now();
  for (const [seq, ageMs] of [
    [1, 60_000],
    [2, 0],
  ] as const) {
    await post(secret, envelope({ id: "old", samples: [{ seq, at: at - ageMs, metrics: { load_1m: seq } }] }));
    await onlyShard().pack();
  }
  const later = at + SAMPLE_RETENTION_MS - 30_000;
  await runTick(database(env.DB), others(), later, () => later + 5);
  expect((await storedSamples("old")).map(({ seq }) => seq)).toEqual([2]);
  expect(await (await fetchApp("/api/health")).json()).toMatchObject({ lastTickAt: later + 5 });
});

it("a tick packs the journal once it is old enough, and lets the shard sleep until then", async () => {
  const owner = await Owner.signedIn();
  const { secret } = await owner.newToken();
  const at = Date.now();
  await onlyShard().pack();
  await post(secret, envelope({ id: "packed", samples: [{ seq: 1, at, metrics: { load_1m: 1 } }] }));
  let asked = 0;
  const counting = others({ pack: async () => void asked++ });
  const { packedAt } = await journalAge(database(env.DB));
  await runTick(database(env.DB), counting, packedAt + JOURNAL_AGE_MAX_MS - 1, () => at);
  expect(asked).toBe(0);
  await runTick(database(env.DB), counting, packedAt + JOURNAL_AGE_MAX_MS, () => at);
  expect(asked).toBe(1);
  await onlyShard().pack();
  await runTick(database(env.DB), counting, at + 10 * JOURNAL_AGE_MAX_MS, () => at);
  expect(asked).toBe(1);
});
