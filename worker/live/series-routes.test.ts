import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seriesColumnsSchema, type SeriesColumns } from "../../contract/series.ts";
import { onlyShard } from "../testing/agent-socket.ts";
import { KEY, QUARTER, query, damageBlocks, db, knowInstance, putSamples } from "../testing/history.ts";
import { envelope, Owner, post } from "../testing/people.ts";
import { changeRetention } from "../series/ring-store.ts";
import { rollDue } from "../testing/rolled.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let owner: Owner;
let names = 0;
let id: string;
beforeAll(async () => void (owner = await Owner.signedIn()));
beforeEach(async () => {
  id = `history-${++names}`;
  await knowInstance(id);
});

async function columns(asked: Record<string, unknown>, of = id): Promise<SeriesColumns> {
  const reply = await owner.json<SeriesColumns>(`/api/instances/${of}/series?${query(asked)}`);
  return seriesColumnsSchema.parse(reply);
}
/** A sample every minute; its value is the minute. */
const minutes = (from: number, count: number) =>
  Array.from({ length: count }, (_, minute) => ({ at: from + minute * MINUTE, metrics: { [KEY]: minute } }));
const values = ({ series }: SeriesColumns, key = KEY) => series[key]!.mean.filter((value) => value !== null);

describe("the tier of a window", () => {
  const now = Date.now();
  it.each<[what: string, from: number, to: number, points: number, tier: string]>([
    ["an hour at any width", now - HOUR, now, 600, "raw"],
    ["two days for a narrow chart", now - 2 * DAY, now, 600, "fiveMinutes"],
    ["a day for a very wide one", now - DAY, now, 2_000, "raw"],
    ["a month", now - 29 * DAY, now, 600, "hour"],
    ["a day of last week, which raw history does not reach", now - 8 * DAY, now - 7 * DAY, 2_000, "fiveMinutes"],
    ["a day of last year", now - 300 * DAY, now - 299 * DAY, 2_000, "hour"],
    ["a day from before all history", now - 1_800 * DAY, now - 1_799 * DAY, 600, "hour"],
  ])(
    "of %s is the coarsest that has enough points, of those that reach back so far",
    async (_what, from, to, points, tier) => {
      expect((await columns({ from, to, points })).tier).toBe(tier);
    },
  );
});

describe("a window", () => {
  it("holds what waits for its block, once, before it is written and after", async () => {
    const { secret } = await owner.newToken();
    const of = `${id}-live`;
    const now = Date.now();
    const sample = (seq: number, at: number) => ({ seq, at, metrics: { [KEY]: seq } });
    await post(secret, envelope({ id: of, samples: [sample(1, now - 30_000), sample(2, now - 20_000)] }));
    const look = () => columns({ from: now - HOUR, to: now + HOUR }, of);
    expect(values(await look())).toEqual([1, 2]);
    const flushing = onlyShard().flush();
    const during = await Promise.all([look(), look(), look()]);
    await flushing;
    for (const seen of [...during, await look()]) expect(values(seen)).toEqual([1, 2]);
    await post(secret, envelope({ id: of, samples: [sample(3, now - 10_000)] }));
    expect(values(await look())).toEqual([1, 2, 3]);
    expect((await columns({ from: now - 25_000, to: now - 15_000 }, of)).at).toEqual([now - 20_000]);
  });

  it("of a coarse tier shows late samples at once: those in blocks, and those that wait", async () => {
    const { secret } = await owner.newToken();
    const of = `${id}-late`;
    await post(secret, envelope({ id: of, samples: [] }));
    await post(
      secret,
      envelope({ id: of, stream: "stream-late-1", samples: [{ seq: 1, at: QUARTER + 1, metrics: { [KEY]: 50 } }] }),
    );
    await putSamples(of, minutes(QUARTER, 360));
    await onlyShard().flush();
    await rollDue(db, Date.now());
    const look = async () =>
      (await columns({ from: QUARTER, to: QUARTER + 6 * HOUR - 1, points: 10 }, of)).series[KEY]!;
    const before = await look();
    expect(before.max![0]).toBe(59);
    await post(
      secret,
      envelope({
        id: of,
        stream: "stream-late-1",
        samples: [{ seq: 2, at: QUARTER + 2_000, metrics: { [KEY]: 5_000 } }],
      }),
    );
    const waiting = await look();
    expect(waiting.max).toEqual([5_000, ...before.max!.slice(1)]);
    expect(waiting.mean[0]).toBeGreaterThan(before.mean[0]!);
    await onlyShard().flush();
    const written = await look();
    expect(written.max).toEqual(waiting.max);
    expect(written.mean[0]).toBeCloseTo(waiting.mean[0]!, 2);
    await rollDue(db, Date.now());
    const rolled = await look();
    expect(rolled.max).toEqual(waiting.max);
    expect(rolled.mean[0]).toBeCloseTo(waiting.mean[0]!, 2);
  });

  it("has lowest and highest where samples were merged, and only there", async () => {
    await putSamples(id, minutes(QUARTER, 360));
    const fine = await columns({ from: QUARTER, to: QUARTER + HOUR - 1 });
    expect(fine).toMatchObject({ stepMs: 0, tier: "raw" });
    expect(fine.series[KEY]).toEqual({ mean: Array.from({ length: 60 }, (_, minute) => minute) });
    const merged = await columns({ from: QUARTER, to: QUARTER + 6 * HOUR - 1, points: 12 });
    const { mean, min, max } = merged.series[KEY]!;
    expect(merged.stepMs).toBe(HOUR);
    expect([mean, min, max]).toEqual([
      [29.5, 89.5, 149.5, 209.5, 269.5, 329.5],
      [0, 60, 120, 180, 240, 300],
      [59, 119, 179, 239, 299, 359],
    ]);
    expect(merged.at).toEqual(Array.from({ length: 6 }, (_, hour) => QUARTER + hour * HOUR));
  });

  it("of a series that was never sent is nulls, and of a time without samples empty", async () => {
    await putSamples(id, minutes(QUARTER, 3));
    const seen = await columns({ from: QUARTER, to: QUARTER + HOUR, metrics: `${KEY},load_5m` });
    expect(seen.series["load_5m"]!.mean).toEqual([null, null, null]);
    expect((await columns({ from: QUARTER - DAY, to: QUARTER - 1 })).at).toEqual([]);
  });

  it("leaves out a block that cannot be read, says so, and shows the rest", async () => {
    await putSamples(id, minutes(QUARTER, 180));
    await damageBlocks(id, "raw", QUARTER / HOUR + 1);
    const seen = await columns({ from: QUARTER, to: QUARTER + 3 * HOUR - 1 });
    expect(seen.blocksUnreadable).toBe(1);
    expect(values(seen)).toEqual([
      ...Array.from({ length: 60 }, (_, m) => m),
      ...Array.from({ length: 60 }, (_, m) => 120 + m),
    ]);
  });

  it("counts a block of which several series cannot be read as one", async () => {
    await putSamples(
      id,
      minutes(QUARTER, 60).map(({ at }, m) => ({ at, metrics: { load_1m: m, load_5m: 2 * m, load_15m: 3 * m } })),
    );
    await env.DB.prepare(
      `UPDATE block SET directory = json_set(directory, '$.L0', json('[1,9]'), '$.L1', json('[2,9]')) WHERE instance_id = ?`,
    )
      .bind(id)
      .run();
    const seen = await columns({ from: QUARTER, to: QUARTER + HOUR, metrics: "load_1m,load_5m,load_15m" });
    expect(seen.blocksUnreadable).toBe(1);
    expect(values(seen, "load_15m")).toHaveLength(60);
  });

  it("of what raw history no longer holds comes from coarser blocks when the retention was lowered, and back", async () => {
    await putSamples(id, minutes(QUARTER - 2 * DAY, 360));
    await rollDue(db, Date.now());
    const look = () => columns({ from: QUARTER - 2 * DAY, to: QUARTER - 2 * DAY + HOUR, points: 600 });
    expect(await look()).toMatchObject({ tier: "raw" });
    await changeRetention(db, { rawDays: 1, fiveMinutesDays: 30, hourDays: 730 }, Date.now());
    const coarse = await look();
    expect(coarse).toMatchObject({ tier: "fiveMinutes", stepMs: 300_000 });
    expect(values(coarse).slice(0, 2)).toEqual([2, 7]);
    await changeRetention(db, { rawDays: 3, fiveMinutesDays: 30, hourDays: 730 }, Date.now());
    expect(values(await look())).toHaveLength(61);
  });
});
