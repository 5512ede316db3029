import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { blockRows, damageBlocks, db, knowInstance, putSamples, rowsWrittenBy, seriesIn } from "../testing/history.ts";
import { deleteExpiredBlocks } from "./block-store.ts";
import { tierFor } from "./query.ts";
import { changeRetention, deleteEmptyRings, readRetention } from "./ring-store.ts";
import { rollDue } from "../testing/rolled.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The beginning of a block of every tier. */
const T0 = Math.floor(1_790_000_000_000 / (4 * DAY)) * 4 * DAY;
const KEY = "load_1m";

let names = 0;
let id: string;
beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM block"),
    env.DB.prepare("DELETE FROM ring"),
    env.DB.prepare(
      "INSERT INTO ring (tier, generation, days, slots, since) VALUES (0, 1, 3, 73, 0), (1, 1, 30, 121, 0), (2, 1, 730, 184, 0)",
    ),
  ]);
  id = `rolled-${++names}`;
  await knowInstance(id);
});

/** A sample every ten minutes; its value is the hour it is from. */
const hours = (first: number, count: number) =>
  Array.from({ length: count * 6 }, (_, index) => {
    const at = T0 + first * HOUR + index * 10 * MINUTE;
    return { at, metrics: { [KEY]: Math.floor((at - T0) / HOUR) } };
  });
const rollAt = (now: number) => rollDue(db, now);
const meansByHour = async (to: number) => (await seriesIn("hour", id, KEY, T0, to)).mean;

describe("a roll", () => {
  it("makes points of five minutes and of an hour, of whole quarter days only", async () => {
    await putSamples(id, hours(0, 9));
    expect(await rollAt(T0 + 6 * HOUR - 1)).toBe(0);
    expect(await rollAt(T0 + 9 * HOUR)).toBe(6);
    expect(await blockRows(id, "fiveMinutes")).toMatchObject([
      { bucket: T0 / (6 * HOUR), count: 36, covers: "[6,6,6,6,6,6]" },
    ]);
    expect(await blockRows(id, "hour")).toMatchObject([{ bucket: T0 / (4 * DAY), count: 6 }]);
    // The hours that are not rolled are seen all the same.
    expect(await meansByHour(T0 + 9 * HOUR)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const fine = await seriesIn("fiveMinutes", id, KEY, T0, T0 + 9 * HOUR);
    expect(fine.at).toEqual(hours(0, 9).map(({ at }) => at));
    expect(fine.count).toEqual(Array(54).fill(1));
  });

  it("is two rows for a quarter day, and once done is done: the next one writes nothing", async () => {
    await putSamples(id, hours(0, 6));
    expect(await rowsWrittenBy(() => rollAt(T0 + 6 * HOUR))).toBe(2);
    expect(await rowsWrittenBy(async () => expect(await rollAt(T0 + 6 * HOUR)).toBe(0))).toBe(0);
  });

  it("of late samples makes anew the hours they touched and no other, in both tiers", async () => {
    await putSamples(id, hours(0, 24));
    expect(await rollAt(T0 + DAY)).toBe(24);
    const before = await blockRows(id, "fiveMinutes");
    await putSamples(
      id,
      [T0 + 2 * HOUR + 1, T0 + 14 * HOUR + 1].map((at) => ({ at, metrics: { [KEY]: 1_000 }, stream: 2 })),
    );
    let rolled = 0;
    expect(await rowsWrittenBy(async () => (rolled = await rollAt(T0 + DAY)))).toBe(3);
    expect(rolled).toBe(2);
    expect(await rollAt(T0 + DAY)).toBe(0);
    const touched = (await blockRows(id, "fiveMinutes")).filter(({ version }, row) => version !== before[row]!.version);
    expect(touched.map(({ bucket }) => bucket - T0 / (6 * HOUR))).toEqual([0, 2]);
    const { mean, max } = await seriesIn("hour", id, KEY, T0, T0 + DAY);
    expect(mean[2]).toBeCloseTo((6 * 2 + 1_000) / 7, 2);
    expect(max).toEqual(Array.from({ length: 24 }, (_, hour) => (hour === 2 || hour === 14 ? 1_000 : hour)));
    expect(mean.filter((_, hour) => hour !== 2 && hour !== 14)).toEqual(
      Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => hour !== 2 && hour !== 14),
    );
  });

  it("of hours that hold different counts is done once, and again for an hour that comes to hold as many as the first", async () => {
    await putSamples(id, hours(0, 6).slice(0, -2));
    expect(await rollAt(T0 + 6 * HOUR)).toBe(6);
    expect(await rollAt(T0 + 6 * HOUR)).toBe(0);
    await putSamples(id, hours(0, 6).slice(-2));
    expect(await rollAt(T0 + 6 * HOUR)).toBe(1);
    expect(await blockRows(id, "fiveMinutes")).toMatchObject([{ covers: "[6,6,6,6,6,6]" }]);
  });

  it("is the same for who reads, before and after, at any width", async () => {
    await putSamples(id, hours(0, 30));
    const look = async () => [
      await seriesIn("fiveMinutes", id, KEY, T0, T0 + 30 * HOUR),
      await seriesIn("hour", id, KEY, T0, T0 + 30 * HOUR),
    ];
    const before = await look();
    await rollAt(T0 + 30 * HOUR);
    expect(await look()).toEqual(before);
  });

  it("leaves out a block that cannot be read, says so, and does not try it again", async () => {
    await putSamples(id, hours(0, 6));
    await damageBlocks(id, "raw", T0 / HOUR + 3);
    expect(await rollAt(T0 + 6 * HOUR)).toBe(6);
    expect(await meansByHour(T0 + 6 * HOUR - 1)).toEqual([0, 1, 2, 4, 5]);
    expect(await rollAt(T0 + 6 * HOUR)).toBe(0);
  });

  it("of an instance that is gone writes nothing", async () => {
    await putSamples(id, hours(0, 6));
    await env.DB.prepare("DELETE FROM instance WHERE id = ?").bind(id).run();
    expect(await rollAt(T0 + 6 * HOUR)).toBe(0);
    expect(await blockRows(id, "fiveMinutes")).toEqual([]);
  });
});

describe("a ring", () => {
  it("is written over when it has come round, and keeps its size", async () => {
    for (const first of [0, 40, 73, 100]) await putSamples(id, hours(first, 27));
    const rows = await blockRows(id, "raw");
    expect(new Set(rows.map(({ slot }) => slot)).size).toBe(rows.length);
    expect(rows.length).toBeLessThanOrEqual(73);
    const { at } = await seriesIn("raw", id, KEY, T0 + 54 * HOUR, T0 + 200 * HOUR);
    expect(at).toEqual([...hours(54, 13), ...hours(73, 54)].map(({ at: time }) => time));
  });

  it("that has come round within one write keeps what is newest", async () => {
    await putSamples(id, hours(0, 100));
    const { at } = await seriesIn("raw", id, KEY, T0, T0 + 100 * HOUR);
    expect(at).toEqual(hours(27, 73).map(({ at: time }) => time));
  });

  it("keeps a newer block where an older one would come in its place, and forgets the older", async () => {
    await putSamples(id, hours(73, 1));
    await putSamples(id, hours(0, 1));
    expect(await blockRows(id, "raw")).toMatchObject([{ bucket: T0 / HOUR + 73, count: 6 }]);
  });
});

describe("another retention", () => {
  // As many places as the migration gives: more than three days need, for what comes late.
  beforeEach(async () => void (await env.DB.exec("UPDATE ring SET slots = 193 WHERE tier = 0")));

  const stored = async (to: number) => (await seriesIn("raw", id, KEY, T0, to)).at.length;
  const days = (rawDays: number, fiveMinutesDays = 30, hourDays = 730) =>
    changeRetention(db, { rawDays, fiveMinutesDays, hourDays }, Date.now());

  it.each([
    ["longer", 10],
    ["shorter", 2],
  ])("that is %s keeps what there is readable, and what is added to it", async (_way, rawDays) => {
    await putSamples(id, hours(0, 40));
    await rollAt(T0 + 40 * HOUR);
    await days(rawDays);
    expect(await readRetention(db)).toMatchObject({ rawDays });
    expect(await stored(T0 + 40 * HOUR)).toBe(240);
    await putSamples(id, [...hours(40, 5), { at: T0 + 39 * HOUR + 1, metrics: { [KEY]: 39 } }]);
    expect(await stored(T0 + 45 * HOUR)).toBe(271);
    // The hour that was added to lies in the new ring only.
    expect(new Set((await blockRows(id, "raw")).map(({ bucket }) => bucket)).size).toBe(45);
    expect(await blockRows(id, "raw")).toHaveLength(45);
    await rollAt(T0 + 48 * HOUR);
    expect(await rowsWrittenBy(() => rollAt(T0 + 48 * HOUR))).toBe(0);
    expect(await meansByHour(T0 + 45 * HOUR - 1)).toEqual(Array.from({ length: 45 }, (_, hour) => hour));
  });

  it("of the coarse tiers keeps theirs, and late samples are rolled into the new ring", async () => {
    await putSamples(id, hours(0, 48));
    await rollAt(T0 + 48 * HOUR);
    await days(3, 60, 365);
    await putSamples(id, [{ at: T0 + 7 * HOUR + 1, metrics: { [KEY]: 7 }, stream: 2 }]);
    expect(await rollAt(T0 + 48 * HOUR)).toBe(1);
    expect(await rollAt(T0 + 48 * HOUR)).toBe(0);
    expect(await meansByHour(T0 + 48 * HOUR - 1)).toEqual(Array.from({ length: 48 }, (_, hour) => hour));
    const { count } = await seriesIn("hour", id, KEY, T0 + 7 * HOUR, T0 + 8 * HOUR - 1);
    expect(count).toEqual([7]);
  });

  it("does not roll for ever a block whose move into the new ring was cut off before the old one was removed", async () => {
    await putSamples(id, hours(0, 6));
    await env.DB.exec("DROP TABLE IF EXISTS moved_from");
    await env.DB.exec(`CREATE TABLE moved_from AS SELECT * FROM block WHERE bucket = ${T0 / HOUR + 2}`);
    await days(12);
    await putSamples(id, [{ at: T0 + 2 * HOUR + 1, metrics: { [KEY]: 2 }, stream: 2 }]);
    await env.DB.exec("INSERT INTO block SELECT * FROM moved_from");
    expect(await stored(T0 + 6 * HOUR)).toBe(37);
    await rollAt(T0 + 6 * HOUR);
    expect(await rollAt(T0 + 6 * HOUR)).toBe(0);
    expect(await stored(T0 + 6 * HOUR)).toBe(37);
    expect((await seriesIn("hour", id, KEY, T0, T0 + 6 * HOUR - 1)).count).toEqual([6, 6, 7, 6, 6, 6]);
  });

  it("there and back again loses nothing", async () => {
    const seen: number[] = [];
    for (const [index, rawDays] of [3, 12, 3, 10, 3].entries()) {
      await days(rawDays);
      await putSamples(
        id,
        [...hours(index * 5, 8)].map(({ at, metrics }) => ({ at: at + index, metrics })),
      );
      seen.push(await stored(T0 + 40 * HOUR));
    }
    expect(seen).toEqual([48, 96, 144, 192, 240]);
  });

  it("that is what it was begins no new ring", async () => {
    expect(await rowsWrittenBy(() => days(3))).toBe(0);
  });

  it("that is shorter hides what is older, and the next look for expired blocks removes it and its ring", async () => {
    await putSamples(id, hours(0, 60));
    const now = T0 + 60 * HOUR;
    const raw = { from: T0 + 12 * HOUR, to: T0 + 13 * HOUR, points: 600 };
    expect(tierFor(raw, await readRetention(db), now).tier).toBe("raw");
    await days(1);
    expect(tierFor(raw, await readRetention(db), now).tier).toBe("fiveMinutes");
    // Their places are theirs for eight days, whatever is shown: an agent may still hand in late.
    expect(await deleteExpiredBlocks(db, now, 10)).toBe(0);
    await days(9);
    const later = T0 + 9 * DAY + 36 * HOUR;
    expect(await deleteExpiredBlocks(db, later, 10)).toBe(10);
    expect(await deleteExpiredBlocks(db, later, 1_000)).toBe(25);
    expect((await blockRows(id, "raw")).map(({ bucket }) => bucket - T0 / HOUR)).toEqual(
      Array.from({ length: 25 }, (_, hour) => 35 + hour),
    );
    await deleteEmptyRings(db);
    const rings = () => env.DB.prepare("SELECT generation FROM ring WHERE tier = 0").all();
    expect((await rings()).results).toHaveLength(2);
    expect(await deleteExpiredBlocks(db, later + 2 * DAY, 1_000)).toBe(25);
    await deleteEmptyRings(db);
    expect((await rings()).results).toEqual([{ generation: 2 }]);
  });

  it("removes of every tier what is past that tier's time, and nothing else", async () => {
    await putSamples(id, hours(0, 24));
    await rollAt(T0 + DAY);
    const left = async () => {
      const counts = [await blockRows(id, "raw"), await blockRows(id, "fiveMinutes"), await blockRows(id, "hour")];
      return counts.map((rows) => rows.length);
    };
    expect(await left()).toEqual([24, 4, 1]);
    await deleteExpiredBlocks(db, T0 + 8 * DAY + HOUR, 1_000);
    expect(await left()).toEqual([24, 4, 1]);
    await deleteExpiredBlocks(db, T0 + 9 * DAY + 1, 1_000);
    expect(await left()).toEqual([0, 4, 1]);
    await deleteExpiredBlocks(db, T0 + 31 * DAY + 1, 1_000);
    expect(await left()).toEqual([0, 0, 1]);
    await deleteExpiredBlocks(db, T0 + 735 * DAY, 1_000);
    expect(await left()).toEqual([0, 0, 0]);
  });
});
