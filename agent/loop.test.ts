import { describe, expect, it } from "vitest";
import { ManualClock } from "./clock-for-tests.ts";
import { Loop } from "./loop.ts";
import { Spool } from "./spool.ts";

function loopOf(intervalMs: number, taking: (clock: ManualClock) => Promise<void> = async () => {}) {
  const clock = new ManualClock();
  clock.chance = 0;
  const began: number[] = [];
  const lines: string[] = [];
  const spool = new Spool({ samplesMax: 1_000 });
  let wakes = 0;
  let running = 0;
  let seq = 0;
  const startedMs = clock.monotonic;
  const log = { info() {}, debug() {}, warn: (line: string) => void lines.push(line) };
  const loop = new Loop({
    clock,
    log,
    spool,
    intervalMs,
    sampler: {
      take: async () => {
        expect(++running).toBe(1);
        began.push(clock.monotonic - startedMs);
        try {
          await taking(clock);
        } finally {
          running--;
        }
        return { stream: "stream-a", sample: { seq: ++seq, at: seq, metrics: {} } };
      },
    },
    delivery: { wake: async () => void wakes++, flush: async () => {} },
  });
  return { clock, loop, began, spool, lines, wakes: () => wakes };
}

describe("the loop", () => {
  it("takes a sample at once, one after 2 s, then one each interval, and wakes delivery each time", async () => {
    const { clock, loop, began, spool, wakes } = loopOf(30_000);
    await loop.start();
    await clock.pass(100_000);
    expect(began).toEqual([0, 2_000, 30_000, 60_000, 90_000]);
    expect([spool.size, wakes()]).toEqual([5, 5]);
  });

  it("never takes two samples at the same time, however long one takes", async () => {
    const { clock, loop, began } = loopOf(1_000, (time) => new Promise((resolve) => void time.after(2_500, resolve)));
    void loop.start();
    await clock.pass(10_000);
    expect(began).toEqual([0, 3_000, 6_000, 9_000]);
  });

  it("takes one sample, not a burst, after the machine slept", async () => {
    const { clock, loop, began } = loopOf(30_000);
    await loop.start();
    await clock.pass(60_000);
    clock.monotonic += 3_600_000;
    const before = began.length;
    await clock.pass(31_000);
    expect(began.length - before).toBe(2);
  });

  it("goes on after a sample that could not be taken", async () => {
    let isBroken = true;
    const { clock, loop, spool, lines } = loopOf(1_000, async () => {
      if (isBroken) throw new Error("no");
    });
    await loop.start();
    isBroken = false;
    await clock.pass(2_000);
    expect(spool.size).toBe(2);
    expect(lines).toEqual(["Could not take a sample: no"]);
  });

  it("takes no sample more once stopped", async () => {
    const { clock, loop, began } = loopOf(1_000);
    await loop.start();
    await loop.stop();
    await clock.pass(10_000);
    expect(began).toEqual([0]);
  });
});
