import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { previewRuleSchema } from "../../contract/rules.ts";
import { sentinel } from "../sentinel-client.ts";
import { damageBlocks, db, knowInstance, putSamples } from "../testing/history.ts";
import { rollDue } from "../testing/rolled.ts";
import { usage } from "../usage.ts";
import { READ_MAX } from "./preview-reader.ts";
import type { Sentinel } from "./sentinel.ts";
import { Previewing, type PreviewSurroundings } from "./previewing.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 6 * HOUR;
/** All before it is rolled; three hours of what is read are not, as half of the day. */
const settled = Math.floor(Date.now() / QUARTER) * QUARTER - QUARTER;
const now = settled + 3 * HOUR - MINUTE;
const FLEET = 100;
const id = (number: number) => `machine-${number}`;

const around: PreviewSurroundings = {
  held: async () => ({ waiting: new Map(), unrolled: { before: settled / HOUR, hours: [] } }),
  readMax: READ_MAX.free,
  clock: () => 0,
  pause: async () => {},
};
const going = () => false;
const rule = (condition: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  previewRuleSchema.parse({ condition, scope: { tags: ["fleet"] }, ...more });
const LOAD = { kind: "metric", metric: "load_1m", direction: "above" };
const LOUD = { ...LOAD, warning: 4 };

async function copyBlocks(from: string, to: string): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO block (instance_id, tier, slot, bucket, version, count, covers, directory, data)
     SELECT ?2, tier, slot, bucket, version, count, covers, directory, data FROM block WHERE instance_id = ?1`,
  )
    .bind(from, to)
    .run();
}

/** A calm week of a hundred machines, but for ten minutes of the first, days ago, and ten of the second in the hour that is not rolled. */
beforeAll(async () => {
  const calm = Array.from({ length: (7 * 24 * HOUR) / MINUTE }, (_, minute) => {
    return { at: now - 7 * 24 * HOUR + minute * MINUTE, metrics: { load_1m: 1 } };
  });
  const loudAt = (from: number) =>
    calm.map(({ at }) => ({ at, metrics: { load_1m: at >= from && at < from + 10 * MINUTE ? 9 : 1 } }));
  await knowInstance(id(0), ["fleet"], MINUTE);
  await knowInstance(id(1), ["fleet"], MINUTE);
  await knowInstance(id(2), ["fleet"], MINUTE);
  await putSamples(id(0), loudAt(settled - 50 * HOUR));
  await putSamples(id(1), loudAt(settled + 20 * MINUTE));
  await putSamples(id(2), calm);
  for (let turn = 0; turn < 50 && (await rollDue(db, settled)) > 0; turn++);
  for (let number = 3; number < FLEET; number++) {
    await knowInstance(id(number), ["fleet"], MINUTE);
    await copyBlocks(id(2), id(number));
  }
}, 120_000);

describe("a preview of a fleet", () => {
  it("looks at all of a hundred, and tells of the few that were loud as closely as of one alone", async () => {
    usage.take();
    const { looked, subjects, firings } = await new Previewing(db, around, going).preview(
      { rule: rule(LOUD), tags: null },
      now,
    );
    const { rowsRead } = usage.take();
    expect([looked, subjects]).toEqual([FLEET, FLEET]);
    expect(firings).toMatchObject([
      { subject: id(1), from: settled + 20 * MINUTE, to: settled + 30 * MINUTE, worst: 9 },
      { subject: id(0), from: settled - 50 * HOUR, to: settled - 50 * HOUR + 10 * MINUTE, worst: 9 },
    ]);
    expect(rowsRead).toBeLessThan(5_000);
  });

  it("reads little more where all were loud, and says that it has not looked at all", async () => {
    usage.take();
    const asked = { rule: rule({ ...LOAD, warning: 0.5 }), tags: null };
    const { looked, subjects, firings, note } = await new Previewing(db, around, going).preview(asked, now);
    expect(usage.take().rowsRead).toBeLessThan(7_000);
    expect([looked, subjects]).toEqual([READ_MAX.free.close, FLEET]);
    expect(firings).toHaveLength(READ_MAX.free.close);
    expect(note).toContain("narrower scope");
  });

  it("reads hours alone of a rule whose breach must last for hours, and looks at all", async () => {
    usage.take();
    const asked = { rule: rule({ ...LOAD, warning: 0.5 }, { holdMs: 3 * HOUR }), tags: null };
    const { looked, firings, note } = await new Previewing(db, around, going).preview(asked, now);
    expect(usage.take().rowsRead).toBeLessThan(6_000);
    expect(looked).toBe(FLEET);
    expect(firings).toHaveLength(FLEET);
    expect(note).toContain("steps of 1 h");
  });

  it("ends when its time is over, and says how far it came; the loud ones among those have been looked at closely", async () => {
    let time = 0;
    const slow = { ...around, clock: () => (time += 1_600) };
    const asked = { rule: rule(LOUD), tags: null };
    const { looked, subjects, firings, note } = await new Previewing(db, slow, going).preview(asked, now);
    expect(looked).toBeGreaterThan(1);
    expect(looked).toBeLessThan(subjects);
    expect(firings.map(({ subject }) => subject)).toEqual([id(1), id(0)]);
    expect(note).toContain("narrower scope");
  });

  it("reads within the statements that an event may make, the close look included", async () => {
    const asked = { rule: rule(LOUD), tags: null };
    const few = { ...around, readMax: { close: 10, slices: 2 } };
    const { looked, firings } = await new Previewing(db, few, going).preview(asked, now);
    expect(looked).toBeLessThan(FLEET);
    expect(firings).toHaveLength(2);
  });

  it("lets others have their turn between its slices, and stops there for a newer one", async () => {
    let pauses = 0;
    const asked = { rule: rule(LOUD), tags: null };
    await new Previewing(db, { ...around, pause: async () => void pauses++ }, going).preview(asked, now);
    expect(pauses).toBeGreaterThan(2);
    await expect(new Previewing(db, around, () => true).preview(asked, now)).rejects.toThrow("A newer preview");
  });

  it("looks closely at whom it cannot tell the hours of", async () => {
    await knowInstance("damaged", ["fleet", "broken"], MINUTE);
    await copyBlocks(id(2), "damaged");
    await damageBlocks("damaged", "raw", settled / HOUR);
    const fewer = { ...around, readMax: { ...READ_MAX.free, close: 0 } };
    const asked = { rule: rule(LOUD), tags: ["broken"] };
    expect(await new Previewing(db, fewer, going).preview(asked, now)).toMatchObject({ subjects: 1, looked: 0 });
    expect(await new Previewing(db, around, going).preview(asked, now)).toMatchObject({ looked: 1, firings: [] });
  });

  it("is made by the sentinel, which gives up an older one of the same session for a newer", async () => {
    const asked = { rule: rule(LOUD), tags: ["fleet"] };
    const answers = await runInDurableObject(sentinel(env) as never, (object: Sentinel) =>
      Promise.all([object.preview(asked, "me"), object.preview(asked, "me"), object.preview(asked, "another")]),
    );
    expect(answers.map(({ ok }) => ok)).toEqual([false, true, true]);
    expect(answers[0]).toMatchObject({ refusal: { code: "too_busy" } });
  });

  it("is of what may be seen alone", async () => {
    await knowInstance("theirs", ["fleet", "team-b"]);
    const asked = { rule: rule(LOUD), tags: ["team-b"] };
    expect(await new Previewing(db, around, going).preview(asked, now)).toMatchObject({
      subjects: 1,
      looked: 1,
      firings: [],
    });
    expect(await new Previewing(db, around, going).preview({ ...asked, tags: ["nobody"] }, now)).toMatchObject({
      subjects: 0,
      looked: 0,
    });
  });
});
