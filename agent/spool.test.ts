import { describe, expect, it } from "vitest";
import { Spool } from "./spool.ts";

const sample = (seq: number) => ({
  seq,
  at: seq * 1_000,
  metrics: { load_1m: seq, [`disk_util_ratio:d${seq % 2}`]: 0.5 },
});
function filled(count: number, samplesMax = 100): Spool {
  const spool = new Spool(samplesMax);
  for (let seq = 1; seq <= count; seq++) spool.append("a", sample(seq));
  return spool;
}
const seqs = (spool: Spool, count = 100) => spool.oldest(count)?.samples.map(({ seq }) => seq);

describe("the spool", () => {
  it("gives back what was put in, oldest first", () => {
    expect(filled(3).oldest(2)).toEqual({ stream: "a", samples: [sample(1), sample(2)] });
  });

  it("is bounded: the oldest give way and are counted", () => {
    const spool = filled(7, 5);
    expect([spool.size, spool.dropped, seqs(spool)]).toEqual([5, 2, [3, 4, 5, 6, 7]]);
  });

  it("keeps what is handed over but not durable, and does not offer it again", () => {
    const spool = filled(4);
    spool.handOver("a", 3);
    expect([spool.size, seqs(spool)]).toEqual([4, [4]]);
    spool.dropThrough("a", 2);
    expect([spool.size, seqs(spool), spool.hasUnsent]).toEqual([2, [4], true]);
    spool.handBack();
    expect(seqs(spool)).toEqual([3, 4]);
  });

  it("counts what is handed over right when the oldest give way", () => {
    const spool = filled(5, 5);
    spool.handOver("a", 2);
    for (let seq = 6; seq <= 9; seq++) spool.append("a", sample(seq));
    expect(seqs(spool)).toEqual([5, 6, 7, 8, 9]);
  });

  it("never mixes two streams in one batch, and offers the older first", () => {
    const spool = filled(2);
    spool.append("b", sample(1));
    expect(spool.oldest(100)?.stream).toBe("a");
    spool.dropThrough("b", 9);
    spool.append("b", sample(2));
    spool.dropThrough("a", 9);
    expect(spool.oldest(100)).toEqual({ stream: "b", samples: [sample(2)] });
  });

  it("gives up a refused sample alone, and counts it", () => {
    const spool = filled(3);
    spool.discard("a", 2);
    expect([seqs(spool), spool.dropped]).toEqual([[1, 3], 1]);
  });

  it("offers everything again under another id", () => {
    const spool = filled(3);
    spool.handOver("a", 2);
    spool.renameStream("a", "b");
    expect(spool.oldest(100)).toMatchObject({ stream: "b", samples: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] });
  });

  it("holds a day of samples as numbers, eight bytes each", () => {
    const keys = Array.from({ length: 100 }, (_, index) => `disk_util_ratio:device-${index}`);
    const before = process.memoryUsage();
    const spool = new Spool(2_880);
    for (let seq = 1; seq <= 2_880; seq++) {
      spool.append("a", { seq, at: seq, metrics: Object.fromEntries(keys.map((key) => [key, seq])) });
    }
    const packed = 2_880 * 100 * 8;
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(packed * 1.5);
    expect(spool.size).toBe(2_880);
  });
});
