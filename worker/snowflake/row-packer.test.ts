import { describe, expect, it } from "vitest";
import { RowPacker, STREAMING_BYTES_MAX } from "./row-packer.ts";

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Response(new Response(bytes).body!.pipeThrough(new DecompressionStream("gzip"))).text();
}

const noise = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64");

/** A row of points whose values nobody could guess. */
const wildRow = (place: number): string =>
  JSON.stringify({
    INSTANCE_ID: "web",
    METRIC_NAME: `custom_${Math.floor(place / 72)}`,
    TIMESTAMP: new Date(Date.UTC(2026, 10, 26) + (place % 72) * 300_000).toISOString(),
    METRIC_VALUE: Math.random(),
    MIN_VALUE: Math.random(),
    MAX_VALUE: Math.random(),
    SAMPLE_COUNT: 10,
    UNIT: "count",
    EXPORTED_AT: "2026-11-26 14:00:00",
  });

/** As many pieces as there is room for, packed. */
async function filled(piece: () => string[], share?: number): Promise<number> {
  const packer = new RowPacker(share);
  for (;;) {
    const lines = piece();
    if (!packer.hasRoomFor(lines.join("\n").length)) break;
    await packer.add(lines);
  }
  return (await packer.finish()).byteLength;
}

describe("rows that are packed", () => {
  it("are all there, each on a line of its own, whatever letters they have", async () => {
    const lines = Array.from({ length: 5_000 }, (_, place) => JSON.stringify({ ID: place, NAME: `Büro ${place} 🌍` }));
    const packer = new RowPacker();
    await packer.add(lines.slice(0, 3));
    await packer.add([]);
    await packer.add(lines.slice(3));
    expect(await unpacked(await packer.finish())).toBe(`${lines.join("\n")}\n`);
  });

  it.each([
    ["hardly pack", () => Array.from({ length: 20 }, () => noise(750))],
    ["are points of one instance, as wild as can be", () => Array.from({ length: 40 * 72 }, (_, at) => wildRow(at))],
    ["are points of an instance with very many series", () => Array.from({ length: 500 * 72 }, (_, at) => wildRow(at))],
  ])("fill a request and never pass what it may have, where they %s", async (_, piece) => {
    const bytes = await filled(piece);
    expect(bytes).toBeLessThan(STREAMING_BYTES_MAX);
    expect(bytes).toBeGreaterThan(STREAMING_BYTES_MAX * 0.65);
  });

  it("take only the share that is asked for", async () => {
    const bytes = await filled(() => Array.from({ length: 20 }, () => noise(750)), 1 / 4);
    expect(bytes).toBeLessThan(STREAMING_BYTES_MAX * 0.3);
    expect(bytes).toBeGreaterThan(STREAMING_BYTES_MAX * 0.15);
  });
});
