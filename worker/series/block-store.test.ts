import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { database } from "../db/client.ts";
import { deleteStreamsBefore, findStreams, insertStream } from "./store.ts";
import { readBlocks, writeBlocks, type BlockToWrite } from "./block-store.ts";
import { TIER_SPECS } from "./tiers.ts";

const db = database(env.DB);
const tier = TIER_SPECS.raw;

beforeAll(async () => {
  for (const id of ["large", "small", "streams"])
    await env.DB.prepare(
      "INSERT INTO instance (id, name, interval_ms, clock_offset_ms, first_seen_at) VALUES (?1, ?1, 30000, 0, 0)",
    )
      .bind(id)
      .run();
});

const blockOf = (instanceId: string, bucket: number, bytes: number): BlockToWrite => ({
  instanceId,
  bucket,
  tier,
  versionRead: 0,
  count: 1,
  directory: { ".at": [0, bytes] },
  data: Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + bucket) % 256),
});

it("a block too long for one text goes in and comes out whole, between others that share a statement", async () => {
  const blocks = [
    blockOf("small", 1, 1_000),
    blockOf("large", 2, 1_500_000),
    blockOf("small", 3, 400_000),
    blockOf("small", 4, 400_000),
    blockOf("small", 5, 400_000),
  ];
  const written = await writeBlocks(db, blocks);
  expect(written.map(({ bucket }) => bucket).sort()).toEqual([1, 2, 3, 4, 5]);
  const read = await readBlocks(db, tier, blocks);
  for (const block of blocks) {
    const found = read.find(({ bucket }) => bucket === block.bucket)!;
    expect(found.data.length).toBe(block.data.length);
    expect(found.data.every((byte, i) => byte === block.data[i])).toBe(true);
  }
});

it("a block is written over the version that was read, and over no other", async () => {
  const [first] = await writeBlocks(db, [blockOf("small", 9, 10)]);
  expect(first).toMatchObject({ bucket: 9 });
  expect(await writeBlocks(db, [blockOf("small", 9, 20)])).toEqual([]);
  expect(await writeBlocks(db, [{ ...blockOf("small", 9, 20), versionRead: 1 }])).toHaveLength(1);
  expect((await readBlocks(db, tier, [{ instanceId: "small", bucket: 9 }]))[0]).toMatchObject({ version: 2 });
  expect(await writeBlocks(db, [{ ...blockOf("nobody", 9, 20), versionRead: 0 }])).toEqual([]);
});

it("a stream is forgotten only when another has followed it for longer than samples may be handed in late", async () => {
  const week = 7 * 86_400_000;
  const now = 1_790_000_000_000;
  const begin = (id: string, startedAt: number) =>
    insertStream(db, { instanceId: "streams", id, clockOffsetMs: 0, startedAt });
  // It ran for a month, and the next began yesterday: what it has not handed in yet may still come.
  await begin("stream-of-a-month", now - 30 * 86_400_000);
  await begin("stream-of-yesterday", now - 86_400_000);
  await deleteStreamsBefore(db, now - week);
  expect(await findStreams(db, "streams")).toHaveLength(2);
  await deleteStreamsBefore(db, now + week - week);
  expect((await findStreams(db, "streams")).map(({ id }) => id)).toEqual(["stream-of-yesterday"]);
  // Numbers are never used again.
  expect(await begin("stream-of-today", now)).toMatchObject({ number: 3 });
});
