import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { database, type Database } from "../db/client.ts";
import type { SampleRow } from "../series/journal-store.ts";
import { packReadings } from "../series/packed.ts";
import { JOURNAL_PAGES_PER_EVENT_MAX, JOURNAL_SLOTS_MAX } from "../settings.ts";
import { Owner, post, storedSamples } from "../testing/people.ts";
import { Journal, type JournalOwner } from "./journal.ts";
import { ONLY_SHARD } from "./shard-of.ts";

const db = database(env.DB);
const HOUR = 3_600_000;
const T0 = Math.floor(1_790_000_000_000 / HOUR) * HOUR;

function row(instanceId: string, seq: number, at = T0 + seq * 1_000, metrics = { load_1m: seq }): SampleRow {
  return { instanceId, at, stream: 1, seq, metrics: packReadings(metrics as Record<string, number>) };
}

/** What the journal holds of an instance: what a shard that starts now would find there. */
async function inJournal(id: string): Promise<number[]> {
  const { results } = await env.DB.prepare(
    `SELECT journal.samples FROM journal JOIN journal_head ON journal_head.cycle = journal.cycle ORDER BY slot`,
  ).all<{ samples: string }>();
  return results
    .flatMap(({ samples }) => (JSON.parse(samples) as Record<string, [number, number][]>)[id] ?? [])
    .map(([, seq]) => seq);
}

/** Who the journal is kept for, without a shard: blocks are a list of what was flushed. */
class Shardless implements JournalOwner {
  waiting: SampleRow[] = [];
  flushed: SampleRow[] = [];
  isLost = false;
  failsToFlush = false;
  written = (rows: readonly SampleRow[]) => void this.waiting.push(...rows);
  recovered = (rows: readonly SampleRow[]) => void this.waiting.push(...rows);
  room = Infinity;
  hasRoom = () => this.waiting.length < this.room;
  flush = async () => {
    if (this.failsToFlush) throw new Error("the database did not take the blocks");
    this.flushed.push(...this.waiting.splice(0));
  };
  isWaiting = () => this.waiting.length > 0;
  lost = () => void (this.isLost = true);
}

/** The real database behind a bad wire: a call may be lost on its way there, or come late, or its answer be lost. */
function badWire(fails: () => "before" | "after" | "late" | undefined, hasArrived: () => boolean): Database {
  const late: (() => Promise<unknown>)[] = [];
  const through = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    const failure = fails();
    if (failure === "before") throw new Error("lost on the way there");
    if (failure === "late") {
      late.push(run);
      throw new Error("still on its way");
    }
    const result = await run();
    if (hasArrived()) for (const arrives of late.splice(0)) await arrives();
    if (failure === "after") throw new Error("lost on the way back");
    return result;
  };
  const wired = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get: (target, name) => {
        if (name === "bind") return (...values: unknown[]) => wired(target.bind(...values));
        if (name === "bare") return target;
        if (name === "run" || name === "first") return () => through(() => target[name]() as Promise<unknown>);
        throw new Error(`not wired: ${String(name)}`);
      },
    });
  return database({
    prepare: (sql: string) => wired(env.DB.prepare(sql)),
    batch: (statements: D1PreparedStatement[]) =>
      through(() =>
        env.DB.batch(statements.map((statement) => (statement as never as { bare: typeof statement }).bare)),
      ),
  } as D1Database);
}

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

describe("the journal", () => {
  it("a shard that lost it says so, and the one that starts in its place goes on", async () => {
    const { secret } = await (await Owner.signedIn()).newToken();
    const start = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
    const send = (n: number) =>
      post(secret, {
        instanceId: "taken-over",
        metrics: [{ name: "load_average_1min", value: n, timestamp: new Date(start + n * 1_000).toISOString() }],
      });
    expect((await send(1)).status).toBe(200);
    await env.DB.prepare("UPDATE journal_head SET life = 'another'").run();
    expect((await send(2)).status).toBe(503);
    await expect.poll(async () => (await send(2)).status).toBe(200);
    expect((await storedSamples("taken-over")).map(({ metrics }) => metrics["load_1m"])).toEqual([1, 2]);
  });

  it("whatever fails and whoever takes over: what was appended is in the journal or in blocks, and found by who starts", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    const next = random(seed);
    const ids = ["sim-a", "sim-b", "sim-c"];
    const wire = badWire(
      () => (["before", "after", "late"] as const)[Math.floor(next() * 15)],
      () => next() < 0.3,
    );
    const blocks = new Map(ids.map((id) => [id, new Set<number>()]));
    const begin = () => {
      const owner = new Shardless();
      owner.flush = async () => {
        if (next() < 0.2) throw new Error("the database did not take the blocks");
        for (const { instanceId, seq } of owner.waiting.splice(0)) blocks.get(instanceId)?.add(seq);
      };
      return { owner, journal: new Journal(wire, owner) };
    };
    let live = begin();
    const acknowledged = new Map(ids.map((id) => [id, [] as number[]]));
    let serial = 0;
    for (let step = 0; step < 200; step++) {
      const dice = next();
      if (dice < 0.06) live = begin();
      else if (dice < 0.2) {
        await live.journal.recover().catch(() => {});
        await live.owner.flush().catch(() => {});
        await live.journal.settle(T0).catch(() => {});
      } else {
        const group = ids.filter(() => next() < 0.6).map((id) => row(id, ++serial));
        if (group.length === 0) continue;
        await live.journal.append(group, T0).then(
          () => group.forEach(({ instanceId, seq }) => acknowledged.get(instanceId)!.push(seq)),
          () => {},
        );
      }
      for (const id of ids) {
        const there = new Set([...(await inJournal(id)), ...blocks.get(id)!]);
        expect(acknowledged.get(id)!.filter((seq) => !there.has(seq))).toEqual([]);
      }
    }
    const calm = new Shardless();
    await new Journal(db, calm).recover();
    for (const id of ids) {
      const found = new Set([
        ...calm.waiting.filter(({ instanceId }) => instanceId === id).map(({ seq }) => seq),
        ...blocks.get(id)!,
      ]);
      expect(acknowledged.get(id)!.filter((seq) => !found.has(seq))).toEqual([]);
    }
  });

  it("empties itself when it is full, and its rows are used again", async () => {
    const owner = new Shardless();
    const journal = new Journal(db, owner);
    await journal.recover();
    await owner.flush();
    await journal.settle(T0);
    owner.flushed = [];
    for (let seq = 1; seq <= JOURNAL_SLOTS_MAX + 5; seq++) await journal.append([row("full", seq)], T0);
    expect(owner.flushed).toHaveLength(JOURNAL_SLOTS_MAX);
    expect(await inJournal("full")).toHaveLength(5);
    expect((await env.DB.prepare("SELECT max(slot) + 1 AS rows FROM journal").first<{ rows: number }>())!.rows).toBe(
      JOURNAL_SLOTS_MAX,
    );
  });

  it("that is longer than one event may read is read by and by, as memory has room, and not begun anew before", async () => {
    const before = new Shardless();
    const full = new Journal(db, before);
    await full.recover();
    await before.flush();
    await full.settle(T0);
    before.failsToFlush = true;
    const count = 100 * JOURNAL_PAGES_PER_EVENT_MAX + 250;
    for (let seq = 1; seq <= count; seq++) await full.append([row("long", seq)], T0);
    const owner = new Shardless();
    const journal = new Journal(db, owner);
    await journal.recover();
    expect(owner.waiting).toHaveLength(100 * JOURNAL_PAGES_PER_EVENT_MAX);
    // What comes meanwhile is durable all the same.
    await journal.append([row("long", count + 1)], T0);
    await owner.flush();
    await journal.settle(T0);
    expect(await inJournal("long")).toHaveLength(count + 1);
    owner.room = 1;
    await journal.recover();
    expect(owner.waiting).toHaveLength(100);
    owner.room = Infinity;
    await journal.recover();
    await owner.flush();
    await journal.settle(T0);
    expect(await inJournal("long")).toEqual([]);
    expect(owner.flushed.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
      Array.from({ length: count + 1 }, (_, index) => index + 1),
    );
  });

  it("only grows while its samples cannot be written, and refuses nobody for it", async () => {
    const owner = new Shardless();
    const journal = new Journal(db, owner);
    await journal.recover();
    await owner.flush();
    await journal.settle(T0);
    owner.failsToFlush = true;
    for (let seq = 1; seq <= JOURNAL_SLOTS_MAX + 3; seq++) await journal.append([row("growing", seq)], T0);
    expect(await inJournal("growing")).toHaveLength(JOURNAL_SLOTS_MAX + 3);
    owner.failsToFlush = false;
    await journal.append([row("growing", JOURNAL_SLOTS_MAX + 4)], T0);
    expect(await inJournal("growing")).toHaveLength(1);
  });

  it("is not begun anew while something of it waits for its block, nor by who does not know all of it", async () => {
    const owner = new Shardless();
    const journal = new Journal(db, owner);
    await journal.recover();
    await owner.flush();
    await journal.settle(T0);
    await journal.append([row("kept", 1)], T0);
    await journal.settle(T0);
    expect(await inJournal("kept")).toEqual([1]);
    // A row of this cycle that this object has not heard of: another wrote it, and lives on for a moment.
    await env.DB.prepare(
      `INSERT INTO journal (slot, cycle, samples) SELECT (SELECT count(*) FROM journal WHERE journal.cycle = journal_head.cycle),
         cycle, '{"kept":[[1,2,{},0]]}' FROM journal_head WHERE true
       ON CONFLICT DO UPDATE SET cycle = excluded.cycle, samples = excluded.samples`,
    ).run();
    await owner.flush();
    await expect(journal.settle(T0)).rejects.toThrow();
    expect(owner.isLost).toBe(true);
    expect(await inJournal("kept")).toEqual([1, 2]);
  });

  it("gives a shard that starts what the one before had answered, and its samples reach their blocks", async () => {
    const { secret } = await (await Owner.signedIn()).newToken();
    const at = Math.floor(Date.now() / 1_000) * 1_000 - 5_000;
    const metrics = [{ name: "load_average_1min", value: 2, timestamp: new Date(at).toISOString() }];
    // The shard may have been replaced by the objects of the tests before, which it learns with its first write.
    await expect.poll(async () => (await post(secret, { instanceId: "found-again", metrics })).status).toBe(200);
    await evictDurableObject(env.FLEET.getByName(ONLY_SHARD));
    expect(await storedSamples("found-again")).toEqual([{ at, stream: 0, seq: 0, metrics: { load_1m: 2 } }]);
    expect(await inJournal("found-again")).toEqual([]);
  });
});
