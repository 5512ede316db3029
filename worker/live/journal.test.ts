import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { database, type Database } from "../db/client.ts";
import { readJournalEnds, type SampleRow } from "../series/journal-store.ts";
import { packReadings } from "../series/packed.ts";
import { lastInBlockOf, lastSample, readWindow, recentSamples, seriesKeysSince } from "../series/store.ts";
import { JOURNAL_SLOTS_MAX } from "../settings.ts";
import { envelope, Owner, post, storedSamples } from "../testing/people.ts";
import { Journal } from "./journal.ts";

const db = database(env.DB);
const HOUR = 3_600_000;
const T0 = Math.floor(1_790_000_000_000 / HOUR) * HOUR;

function row(instanceId: string, seq: number, at = T0 + seq * 1_000, metrics = { load_1m: seq }): SampleRow {
  return { instanceId, at, stream: 1, seq, metrics: packReadings(metrics as Record<string, number>) };
}

async function knowInstances(...ids: string[]): Promise<void> {
  for (const id of ids)
    await env.DB.prepare(
      "INSERT OR IGNORE INTO instance (id, name, interval_ms, clock_offset_ms, first_seen_at) VALUES (?1, ?1, 30000, 0, 0)",
    )
      .bind(id)
      .run();
}

async function stored(id: string): Promise<(number | null)[]> {
  return (await readWindow(db, id, ["load_1m"], T0, T0 + 24 * HOUR)).columns[0]!;
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

/** Where a stream ends, as a shard that has just started sees it. */
async function endOf(id: string, stream: number) {
  const inJournal = (await readJournalEnds(db)).find((end) => end.instanceId === id && end.stream === stream);
  const ends = [inJournal, await lastInBlockOf(db, id, stream)];
  const newest = ends.filter((end) => end !== undefined).sort((a, b) => b.at - a.at)[0];
  return newest && { at: newest.at, seq: newest.seq };
}

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

describe("the journal", () => {
  it("a shard that lost it says so, and the one that starts in its place goes on", async () => {
    const { secret } = await (await Owner.signedIn()).newToken();
    const send = (seq: number) =>
      post(
        secret,
        envelope({ id: "taken-over", samples: [{ seq, at: Date.now() - 1_000 + seq, metrics: { load_1m: seq } }] }),
      );
    expect((await send(1)).status).toBe(200);
    await env.DB.prepare("UPDATE journal_head SET life = 'another'").run();
    expect((await send(2)).status).toBe(503);
    await expect.poll(async () => (await send(2)).status).toBe(200);
    expect((await storedSamples("taken-over")).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("whatever fails and whoever takes over: what was appended is there once, before and after it is packed", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    const next = random(seed);
    const ids = ["sim-a", "sim-b", "sim-c"];
    await knowInstances(...ids);
    const wire = badWire(
      () => (["before", "after", "late"] as const)[Math.floor(next() * 15)],
      () => next() < 0.3,
    );
    let journal = new Journal(wire, () => {});
    const retired: Journal[] = [];
    let hasWritten = false;
    const acknowledged = new Map(ids.map((id) => [id, [] as number[]]));
    const seqs = new Map(ids.map((id) => [id, 0]));
    for (let step = 0; step < 150; step++) {
      const dice = next();
      if (dice < 0.05) {
        if (hasWritten) retired.push(journal);
        hasWritten = false;
        journal = new Journal(wire, () => {});
      } else if (dice < 0.2) {
        await journal.pack(T0).catch(() => {});
      } else {
        // As the intake does it: what was not acknowledged is offered again, and no later one before it.
        const group = ids
          .filter(() => next() < 0.6)
          .flatMap((id) => {
            const from = acknowledged.get(id)!.at(-1) ?? 0;
            const count = Math.ceil(next() * 3);
            seqs.set(id, from + count);
            return Array.from({ length: count }, (_, i) => row(id, from + 1 + i));
          });
        if (group.length === 0) continue;
        const sent = await journal.append(group, T0).then(
          () => true,
          () => false,
        );
        hasWritten ||= sent;
        if (sent) for (const { instanceId, seq } of group) acknowledged.get(instanceId)!.push(seq);
      }
      const old = retired[Math.floor(next() * retired.length)];
      if (old && next() < 0.3) {
        // Once another has written, one that held the journal before may acknowledge nothing.
        if (hasWritten) await expect(old.append([row("sim-b", 9_999)], T0)).rejects.toThrow();
      }
      for (const id of ids) {
        const there = await stored(id);
        expect(there.slice(0, acknowledged.get(id)!.length)).toEqual(acknowledged.get(id));
        expect(new Set(there).size).toBe(there.length);
      }
    }
    for (let tries = 0; tries < 50; tries++)
      if (
        await journal.pack(T0).then(
          () => true,
          () => false,
        )
      )
        break;
    for (const id of ids)
      expect((await stored(id)).slice(0, acknowledged.get(id)!.length)).toEqual(acknowledged.get(id));
  });

  it("packs by itself when it is full, and its rows are used again", async () => {
    await knowInstances("full");
    const journal = new Journal(db, () => {});
    await journal.pack(T0);
    for (let seq = 1; seq <= JOURNAL_SLOTS_MAX + 5; seq++) await journal.append([row("full", seq)], T0);
    const { blocks } = (await env.DB.prepare("SELECT count(*) AS blocks FROM block WHERE instance_id = 'full'").first<{
      blocks: number;
    }>())!;
    expect(blocks).toBe(JOURNAL_SLOTS_MAX / 100);
    expect((await env.DB.prepare("SELECT max(slot) + 1 AS rows FROM journal").first<{ rows: number }>())!.rows).toBe(
      JOURNAL_SLOTS_MAX,
    );
    expect(await stored("full")).toHaveLength(JOURNAL_SLOTS_MAX + 5);
  });

  it("readers see the same before and after it is packed", async () => {
    await knowInstances("seen", "other");
    const journal = new Journal(db, () => {});
    const samples = Array.from({ length: 250 }, (_, i) =>
      row("seen", i + 1, T0 + i * 60_000, { load_1m: i, [`queue_depth:${i % 2 ? "odd" : "even"}`]: i } as never),
    );
    // Out of their order in time, as an agent hands in what it kept.
    await journal.append([...samples.slice(100), row("other", 1)], T0);
    await journal.append(
      samples.slice(0, 100).map((sample) => ({ ...sample, stream: 2 })),
      T0,
    );
    const look = async () => ({
      window: await readWindow(db, "seen", ["load_1m", "queue_depth:odd"], T0 + 30 * 60_000, T0 + 200 * 60_000),
      keys: await seriesKeysSince(db, "seen", T0),
      last: await lastSample(db, "seen"),
      ends: await Promise.all([1, 2, 3].map((stream) => endOf("seen", stream))),
      recent: (await recentSamples(db, T0 + 240 * 60_000)).filter(
        ({ instanceId, at }) => instanceId === "seen" && at >= T0 + 240 * 60_000,
      ),
    });
    const before = await look();
    await journal.pack(T0);
    expect(await look()).toEqual(before);
    expect(before.window.at).toHaveLength(171);
    expect(before.window.at).toEqual([...before.window.at].sort((a, b) => a - b));
    expect(before.keys).toEqual(["load_1m", "queue_depth:even", "queue_depth:odd"]);
    expect(before.last?.metrics).toEqual({ load_1m: 249, "queue_depth:odd": 249 });
    expect(before.ends).toEqual([{ at: T0 + 249 * 60_000, seq: 250 }, { at: T0 + 99 * 60_000, seq: 100 }, undefined]);
    expect(before.recent).toHaveLength(10);
    const { results } = await env.DB.prepare(
      "SELECT last_at - first_at AS span, json_array_length(samples) AS count FROM block WHERE instance_id = 'seen'",
    ).all<{ span: number; count: number }>();
    for (const { span, count } of results) {
      expect(span).toBeLessThan(HOUR);
      expect(count).toBeLessThanOrEqual(100);
    }
  });

  it("joins what two senders say of the same moment", async () => {
    await knowInstances("joined");
    const journal = new Journal(db, () => {});
    await journal.append([row("joined", 1, T0, { load_1m: 1 })], T0);
    await journal.pack(T0);
    await journal.append([{ ...row("joined", 0, T0, { load_5m: 5 } as never), stream: 0 }], T0);
    expect(await readWindow(db, "joined", ["load_1m", "load_5m"], T0, T0)).toEqual({ at: [T0], columns: [[1], [5]] });
  });

  it("lets go of what an instance sent that was removed before it was packed", async () => {
    const journal = new Journal(db, () => {});
    await journal.append([row("removed", 1)], T0);
    await journal.pack(T0);
    expect(await stored("removed")).toEqual([]);
  });
});
