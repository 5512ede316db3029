import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { blockRows, db, knowInstance, putSamples, seriesIn } from "../testing/history.ts";
import { usage } from "../usage.ts";
import { Roller, type RollMemory, type RollState } from "./rolling.ts";
import { bucketOf, TIER_SPECS } from "./tiers.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The beginning of a block of every tier. */
const T0 = Math.floor(1_790_000_000_000 / (4 * DAY)) * 4 * DAY;
const KEY = "load_1m";

/** A memory that outlives a roller, as an object's storage does. */
class Kept implements RollMemory {
  state: string | undefined;
  read = async () => (this.state === undefined ? undefined : (JSON.parse(this.state) as RollState));
  write = async (state: RollState) => void (this.state = JSON.stringify(state));
}

let names = 0;
let id: string;
beforeEach(async () => {
  await env.DB.batch([env.DB.prepare("DELETE FROM block"), env.DB.prepare("DELETE FROM instance")]);
  id = `roller-${++names}`;
  await knowInstance(id);
});

const hoursOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, hour) => ({ at: T0 + (from + hour) * HOUR, metrics: { [KEY]: from + hour } }));
const hourOf = (hour: number) => bucketOf(TIER_SPECS.raw, T0 + hour * HOUR);

it("a round is of the hours since the last one, and when it is over looking costs no row until the next", async () => {
  const kept = new Kept();
  await putSamples(id, hoursOf(0, 14));
  const roller = new Roller(db, kept);
  expect(await roller.roll(T0 + 6 * HOUR)).toBe(6);
  // The round ends with the look that finds no instance left.
  expect(await roller.roll(T0 + 6 * HOUR)).toBe(0);
  usage.take();
  expect(await roller.roll(T0 + 11 * HOUR)).toBe(0);
  expect(usage.take().rowsRead).toBe(0);
  expect(await roller.roll(T0 + 12 * HOUR)).toBe(6);
});

it("an object that lost its memory goes on where the one before was", async () => {
  const kept = new Kept();
  await putSamples(id, hoursOf(0, 6));
  await new Roller(db, kept).roll(T0 + 6 * HOUR);
  await new Roller(db, kept).roll(T0 + 6 * HOUR);
  usage.take();
  expect(await new Roller(db, kept).roll(T0 + 6 * HOUR)).toBe(0);
  expect(usage.take().rowsRead).toBe(0);
});

it("hours that were added to late make a round of their own, older than single samples are kept included", async () => {
  const kept = new Kept();
  const roller = new Roller(db, kept);
  const now = T0 + 8 * DAY;
  await roller.roll(now);
  await roller.roll(now);
  // An agent was away for five days and hands in what it kept: raw history reaches three.
  const late = hoursOf(72, 10);
  await putSamples(id, late);
  await roller.adding(late.map((_, index) => hourOf(72 + index)));
  expect(await roller.roll(now)).toBe(10);
  expect((await blockRows(id, "raw")).length).toBe(10);
  const { mean } = await seriesIn("hour", id, KEY, T0 + 72 * HOUR, T0 + 82 * HOUR - 1, now);
  expect(mean).toEqual(late.map((_, index) => 72 + index));
  // What is not rolled yet is nobody's late hour.
  await roller.adding([hourOf(8 * 24 + 1)]);
  await roller.roll(now);
  usage.take();
  expect(await roller.roll(now)).toBe(0);
  expect(usage.take().rowsRead).toBe(0);
});

it("late hours outlive the object that heard of them, though it ends before the next turn", async () => {
  const kept = new Kept();
  await putSamples(id, hoursOf(0, 6));
  const roller = new Roller(db, kept);
  await roller.roll(T0 + 6 * HOUR);
  await roller.roll(T0 + 6 * HOUR);
  await new Roller(db, kept).adding([hourOf(2)]);
  await putSamples(id, [{ at: T0 + 2 * HOUR + 1, metrics: { [KEY]: 2 }, stream: 2 }]);
  expect(await new Roller(db, kept).roll(T0 + 6 * HOUR)).toBe(1);
});

it("many instances take several turns, and each is rolled once", async () => {
  const ids = Array.from({ length: 80 }, (_, index) => `many-${String(index).padStart(2, "0")}`);
  for (const one of ids) {
    await knowInstance(one);
    await putSamples(one, hoursOf(0, 1));
  }
  const roller = new Roller(db, new Kept());
  const turns: number[] = [];
  for (let rolled = 1; rolled > 0;) turns.push((rolled = await roller.roll(T0 + 6 * HOUR)));
  expect(turns.length).toBeGreaterThan(2);
  expect(turns.reduce((sum, rolled) => sum + rolled, 0)).toBe(80);
  const { results } = await env.DB.prepare("SELECT tier, sum(version) AS versions FROM block GROUP BY tier").all();
  expect(results).toEqual([0, 1, 2].map((tier) => ({ tier, versions: 80 })));
});
