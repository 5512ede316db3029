import { describe, expect, it } from "vitest";
import { Spool } from "./spool.ts";

const sample = (seq: number) => ({
  seq,
  at: seq * 1_000,
  metrics: { load_1m: seq, [`disk_util_ratio:d${seq % 2}`]: 0.5 },
});
function filled(count: number, samplesMax = 100): Spool {
  const spool = new Spool({ samplesMax });
  for (let seq = 1; seq <= count; seq++) spool.append("a", sample(seq));
  return spool;
}
const seqs = (spool: Spool, stream = "a") => spool.unsent(stream, 100)?.samples.map(({ seq }) => seq);

describe("the spool", () => {
  it("gives back what was put in, oldest first", () => {
    expect(filled(3).unsent("a", 2)).toEqual({
      stream: "a",
      after: 0,
      oldest: true,
      samples: [sample(1), sample(2)],
    });
  });

  it("is bounded: the oldest give way and are counted", () => {
    const spool = filled(7, 5);
    expect([spool.size, spool.dropped, seqs(spool)]).toEqual([5, 2, [3, 4, 5, 6, 7]]);
  });

  it("keeps what is handed over but not durable, and does not offer it again", () => {
    const spool = filled(4);
    spool.handOver("a", 3);
    expect([spool.size, seqs(spool)]).toEqual([4, [4]]);
    spool.durable("a", 2);
    expect([spool.size, spool.waiting, seqs(spool)]).toEqual([2, 1, [4]]);
    spool.handBackAll();
    expect([spool.waiting, seqs(spool)]).toEqual([2, [3, 4]]);
  });

  it("hands back only what the edge asks for", () => {
    const spool = filled(5);
    spool.handOver("a", 4);
    expect([spool.handBack("a", 2), seqs(spool)]).toEqual([3, [3, 4, 5]]);
    expect(spool.handBack("unheard-of", 0)).toBe(0);
  });

  it("does not believe that a sample it never handed over is durable", () => {
    const spool = filled(3);
    spool.handOver("a", 2);
    spool.durable("a", 1_000_000);
    expect(seqs(spool)).toEqual([3]);
  });

  it("believes the edge of samples an earlier run may have sent", () => {
    const spool = filled(0);
    for (const seq of [1, 2, 3]) spool.restore("old", { seq, at: seq, keys: ["load_1m"], values: new Float64Array(1) });
    expect([spool.restore("old", { seq: 3, at: 3, keys: [], values: new Float64Array() }), spool.waiting]).toEqual([
      false,
      3,
    ]);
    spool.durable("old", 2);
    expect(seqs(spool, "old")).toEqual([3]);
  });

  it("says what is left below the first sample: the one sent before, or what is durable, never what was given up", () => {
    const spool = filled(6);
    const told = () => {
      const { after, oldest } = spool.unsent("a", 1)!;
      return [after, oldest];
    };
    expect(told()).toEqual([0, true]);
    spool.handOver("a", 2);
    expect(told()).toEqual([2, false]);
    spool.discard("a", 3);
    expect(told()).toEqual([2, false]);
    spool.durable("a", 2);
    expect(told()).toEqual([2, true]);
  });

  it("counts what is handed over right when the oldest give way", () => {
    const spool = filled(5, 5);
    spool.handOver("a", 2);
    for (let seq = 6; seq <= 9; seq++) spool.append("a", sample(seq));
    expect(seqs(spool)).toEqual([5, 6, 7, 8, 9]);
  });

  it("never mixes two streams, and knows which of the others is the oldest", () => {
    const spool = filled(2);
    spool.append("b", sample(5));
    spool.append("c", sample(7));
    expect(spool.unsent("a", 100)?.samples).toHaveLength(2);
    expect(spool.oldestWaiting("c", Infinity)).toBe("a");
    spool.handOver("a", 9);
    expect(spool.oldestWaiting("c", Infinity)).toBe("b");
    expect(spool.oldestWaiting("c", 4_999)).toBeUndefined();
  });

  it("lets go of what is too old for the edge, and of what is too much to hold", () => {
    const old = new Spool({ samplesMax: 100, ageMaxMs: 3_000 });
    for (let seq = 1; seq <= 6; seq++) old.append("a", sample(seq));
    expect([seqs(old), old.dropped]).toEqual([[3, 4, 5, 6], 2]);
    const wide = new Spool({ samplesMax: 100, readingsMax: 6 });
    for (let seq = 1; seq <= 6; seq++) wide.append("a", sample(seq));
    expect([seqs(wide), wide.dropped]).toEqual([[4, 5, 6], 3]);
  });

  it("tells once that it is full, and anew when it was half empty in between", () => {
    const told: unknown[] = [];
    const spool = new Spool({ samplesMax: 4 }, (given) => told.push(given));
    for (let seq = 1; seq <= 8; seq++) spool.append("a", sample(seq));
    expect(told).toEqual([{ why: "full", count: 1, from: 1_000, to: 1_000 }]);
    spool.handOver("a", 8);
    spool.durable("a", 8);
    for (let seq = 9; seq <= 13; seq++) spool.append("a", sample(seq));
    expect(told).toEqual([expect.anything(), { why: "full", count: 1, from: 9_000, to: 9_000 }]);
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
    expect([seqs(spool), seqs(spool, "b")]).toEqual([undefined, [1, 2, 3]]);
  });

  it("holds a day of samples as numbers, eight bytes each", () => {
    const keys = Array.from({ length: 100 }, (_, index) => `disk_util_ratio:device-${index}`);
    const before = process.memoryUsage();
    const spool = new Spool({ samplesMax: 2_880 });
    for (let seq = 1; seq <= 2_880; seq++) {
      spool.append("a", { seq, at: seq, metrics: Object.fromEntries(keys.map((key) => [key, seq])) });
    }
    const packed = 2_880 * 100 * 8;
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(packed * 1.5);
    expect(spool.size).toBe(2_880);
  });
});
