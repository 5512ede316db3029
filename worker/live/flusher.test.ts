import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { database, type Database } from "../db/client.ts";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { blockRows, damageBlocks, db, knowInstance, rowsWrittenBy } from "../testing/history.ts";
import { storedSamples } from "../testing/people.ts";
import { Flusher, type Flushed } from "./flusher.ts";
import { Tails } from "./tails.ts";

const HOUR = 3_600_000;
const T0 = Math.floor(1_790_000_000_000 / HOUR) * HOUR;

let names = 0;
let id: string;
beforeEach(async () => {
  id = `flushed-${++names}`;
  await knowInstance(id);
});

/** A shard's flusher with what waits for it. */
class Writing {
  readonly tails = new Tails();
  readonly told: number[] = [];
  unreadable = 0;
  readonly flusher: Flusher;

  constructor(to: Database = db) {
    this.flusher = new Flusher(to, this.tails, () => 600_000, {
      writing: async () => {},
      flushed: ({ samples }: Flushed) => this.told.push(...samples.map(({ seq }) => seq)),
      unreadable: () => this.unreadable++,
    });
  }

  take(stream: number, seqs: readonly number[], at = (seq: number) => T0 + seq * 60_000): void {
    this.tails.add(
      id,
      seqs.map((seq) => ({
        at: at(seq),
        stream,
        seq,
        keys: ["L0"],
        values: Float64Array.of(seq),
        takenAt: T0,
        isJournaled: false,
      })),
    );
  }

  /** Whether it got through. */
  flush(): Promise<boolean> {
    return this.flusher.flushNow(T0).then(
      () => true,
      () => false,
    );
  }
}

const stored = async () => (await storedSamples(id)).map(({ stream, seq }) => `${stream} ${seq}`).sort();

/** The real database, of whose statements some are lost on their way there, or their answers on the way back. */
function badWire(fails: () => "before" | "after" | undefined): Database {
  const wired = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, name) {
        if (name === "bind") return (...values: unknown[]) => wired(target.bind(...values));
        if (name !== "all" && name !== "run") throw new Error(`not wired: ${String(name)}`);
        return async () => {
          const failure = fails();
          if (failure === "before") throw new Error("lost on the way there");
          const result = await target[name]();
          if (failure === "after") throw new Error("lost on the way back");
          return result;
        };
      },
    });
  return database({ prepare: (sql: string) => wired(env.DB.prepare(sql)) } as D1Database);
}

describe("a flush", () => {
  it("of two shards at one moment loses nobody's samples: who was overtaken keeps them and writes again", async () => {
    const [one, other] = [new Writing(), new Writing()];
    for (let round = 0; round < 10; round++) {
      one.take(1, [round * 2 + 1, round * 2 + 2]);
      other.take(2, [round * 2 + 1, round * 2 + 2]);
      const through = await Promise.all([one.flush(), other.flush()]);
      expect(through).toContain(true);
      for (const [index, writing] of [one, other].entries()) {
        expect(writing.tails.count === 0).toBe(through[index]);
        expect(writing.flusher.problem === null).toBe(through[index]);
      }
    }
    expect([await one.flush(), await other.flush()]).toEqual([true, true]);
    const seqs = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(await stored()).toEqual([1, 2].flatMap((stream) => seqs.map((seq) => `${stream} ${seq}`)).sort());
    expect([one.told, other.told]).toEqual([seqs, seqs]);
  });

  it.each(seeds(3))(
    "over a bad wire tells of no sample before it is in its block, and writes each once, seed %i",
    async (seed) => {
      const chance = new Chance(seed);
      let isBad = true;
      const writing = new Writing(
        badWire(() => (isBad && chance.happens(0.4) ? chance.pick(["before", "after"]) : undefined)),
      );
      for (let seq = 1; seq <= 60; seq += 2) {
        writing.take(1, [seq, seq + 1], (one) => T0 + one * 300_000);
        await writing.flush();
        const there = new Set(await stored());
        expect(writing.told.filter((one) => !there.has(`1 ${one}`))).toEqual([]);
        expect(writing.told.length + writing.tails.count).toBe(seq + 1);
      }
      isBad = false;
      expect(await writing.flush()).toBe(true);
      expect(await stored()).toEqual(Array.from({ length: 60 }, (_, index) => `1 ${index + 1}`).sort());
      expect(writing.told).toHaveLength(60);
    },
  );

  it("of what is there already writes no row, and tells of it all the same", async () => {
    const [first, again] = [new Writing(), new Writing()];
    first.take(1, [1, 2]);
    again.take(1, [1, 2]);
    expect(await rowsWrittenBy(() => first.flush())).toBe(1);
    expect(await rowsWrittenBy(() => again.flush())).toBe(0);
    expect(again.told).toEqual([1, 2]);
  });

  it("is one row for an hour, whatever its samples are", async () => {
    const writing = new Writing();
    writing.take(
      1,
      Array.from({ length: 120 }, (_, index) => index + 1),
    );
    expect(await rowsWrittenBy(() => writing.flush())).toBe(3);
    expect((await blockRows(id, "raw")).map(({ count, version }) => [count, version])).toEqual([
      [59, 1],
      [60, 1],
      [1, 1],
    ]);
  });

  it("into a block that cannot be read says so, and writes the new samples", async () => {
    const [first, then] = [new Writing(), new Writing()];
    first.take(1, [1, 2]);
    await first.flush();
    await damageBlocks(id, "raw", T0 / HOUR);
    then.take(1, [3]);
    expect(await then.flush()).toBe(true);
    expect(then.unreadable).toBe(1);
    expect(await stored()).toEqual(["1 3"]);
  });

  it("of an instance that was removed lets its samples go", async () => {
    const writing = new Writing();
    writing.take(1, [1]);
    await env.DB.prepare("DELETE FROM instance WHERE id = ?").bind(id).run();
    expect(await writing.flush()).toBe(true);
    expect([writing.tails.count, await blockRows(id, "raw")]).toEqual([0, []]);
  });

  it("that is due writes what is before the common moment, and after a failure waits a while", async () => {
    let isBad = true;
    const writing = new Writing(badWire(() => (isBad ? "before" : undefined)));
    writing.take(1, [1, 9, 11], (seq) => T0 + seq * 60_000);
    const due = T0 + 13 * 60_000;
    await writing.flusher.flushDue(due);
    expect(writing.flusher.problem).toContain("lost");
    isBad = false;
    await writing.flusher.flushDue(due + 14_000);
    expect(writing.told).toEqual([]);
    await writing.flusher.flushDue(due + 15_000);
    expect(writing.told).toEqual([1, 9]);
    expect([writing.flusher.problem, writing.flusher.lastAt, writing.tails.count]).toEqual([null, due + 15_000, 1]);
  });
});
