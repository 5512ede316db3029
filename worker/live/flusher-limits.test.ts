import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { RangeEncoder } from "../series/block/range-coder.ts";
import { AT } from "../series/block/directory.ts";
import { encodeColumn } from "../series/block/column.ts";
import { toHex } from "../series/hex.ts";
import { BLOCK_BYTES_MAX } from "../settings.ts";
import { Chance } from "../../tests/chance.ts";
import { blockRows, db, knowInstance } from "../testing/history.ts";
import { Flusher } from "./flusher.ts";
import { Tails, type WaitingSample } from "./tails.ts";

const HOUR = 3_600_000;
const T0 = Math.floor(1_790_000_000_000 / HOUR) * HOUR;

const sample = (seq: number, values: Float64Array, at = T0 + seq * 1_000): WaitingSample => ({
  at,
  stream: 1,
  seq,
  keys: Array.from({ length: values.length }, (_, index) => `x:${index}`),
  values,
  takenAt: T0,
  isJournaled: false,
});

function writing() {
  const tails = new Tails();
  const told: string[] = [];
  const flusher = new Flusher(db, tails, () => 600_000, {
    writing: async () => {},
    flushed: ({ instanceId, samples }) => void told.push(`${instanceId}: ${samples.length}`),
    unreadable: () => {},
  });
  return { tails, told, flusher };
}

/** A column as a later version may write it: of a kind that is not known here, and whole. */
function ofLaterVersion(count: number): Uint8Array {
  const encoder = new RangeEncoder();
  encoder.even(3, 2);
  const bytes = encoder.finish();
  let hash = Math.imul(0x811c9dc5 ^ count, 0x01000193);
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  const sum = ((hash >>> 16) ^ hash) & 0xffff;
  return Uint8Array.of(...bytes, sum >> 8, sum & 0xff);
}

it("an hour that is longer than a row may be keeps every second sample of all of it, and is written", async () => {
  await knowInstance("too-long");
  const { tails, told, flusher } = writing();
  const chance = new Chance(7);
  const series = 400;
  const samples = Array.from({ length: 700 }, (_, seq) =>
    sample(
      seq + 1,
      Float64Array.from({ length: series }, () => Math.floor(chance.next() * 2 ** 50 + chance.next() * 2 ** 18)),
    ),
  );
  tails.add("too-long", samples);
  await flusher.flushNow(T0 + HOUR);
  const [row] = await blockRows("too-long", "raw");
  expect(row!.count).toBe(350);
  const { bytes } = (await env.DB.prepare(
    "SELECT length(data) AS bytes FROM block WHERE instance_id = 'too-long'",
  ).first<{
    bytes: number;
  }>())!;
  expect(bytes).toBeLessThanOrEqual(BLOCK_BYTES_MAX);
  // Its agent is not to send them again.
  expect(told).toEqual(["too-long: 700"]);
});

it("one block that cannot be written keeps nobody else's samples waiting, and its own wait", async () => {
  for (const id of ["other-a", "from-the-future", "other-b"]) await knowInstance(id);
  const at = encodeColumn([T0], 0);
  const later = ofLaterVersion(1);
  const directory = { [AT]: [0, at.length], ".stream": [at.length, later.length], ".seq": [0, at.length] };
  await env.DB.prepare(
    `INSERT INTO block SELECT 'from-the-future', 0, generation * 1000000 + ?1 % slots, ?1, 1, 1, NULL, ?2, unhex(?3)
     FROM ring WHERE tier = 0`,
  )
    .bind(T0 / HOUR, JSON.stringify(directory), toHex(Uint8Array.of(...at, ...later)))
    .run();
  const { tails, told, flusher } = writing();
  for (const id of ["other-a", "from-the-future", "other-b"]) tails.add(id, [sample(1, Float64Array.of(5))]);
  await expect(flusher.flushNow(T0 + HOUR)).rejects.toThrow("later version");
  expect(told.sort()).toEqual(["other-a: 1", "other-b: 1"]);
  expect(flusher.problem).toContain("later version");
  expect(tails.of("from-the-future")).toHaveLength(1);
  // What a later Nephos wrote is as it was.
  expect(await blockRows("from-the-future", "raw")).toMatchObject([{ version: 1, count: 1 }]);
});
