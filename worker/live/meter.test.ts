import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { database } from "../db/client.ts";
import { USAGE_DAYS_KEPT } from "../settings.ts";
import { none, usage } from "../usage.ts";
import { dayOf, Meter } from "./meter.ts";

const DAY = 86_400_000;
const T0 = Date.UTC(2026, 10, 25);
let names = 0;

/** A meter on the storage of an object of its own; `again` is what a fresh object finds. */
async function metering(run: (meter: Meter, again: () => Meter) => Promise<void>): Promise<void> {
  const stub = env.FLEET.getByName(`meter-${++names}`);
  await runInDurableObject(stub, async (_shard, state) => {
    usage.take();
    await run(new Meter(state.storage), () => new Meter(state.storage));
  });
}
const busySeconds = async (meter: Meter, now: number) => (await meter.today(now)).today.used.objectGbSeconds / 0.128;

beforeEach(() => void usage.take());

describe("busy time", () => {
  it("is counted once however many events share it, and 10 ms at least", async () => {
    await metering(async (meter) => {
      meter.busy(T0, 100);
      meter.busy(T0 + 20, 30);
      meter.busy(T0 + 90, 60);
      meter.busy(T0 + 1_000, 0);
      expect(await busySeconds(meter, T0)).toBeCloseTo(0.16, 9);
    });
  });

  it("of an event that others began and ended within is all of it, though it is told last", async () => {
    await metering(async (meter) => {
      // As the shard does: the beginning of a call, messages while it waits for the database, its end.
      meter.call(T0);
      for (const at of [100, 300, 500]) meter.message(T0 + at);
      meter.busy(T0, 1_000);
      expect(await busySeconds(meter, T0)).toBeCloseTo(1, 9);
    });
  });
});

describe("the meter", () => {
  it("counts calls, and of messages twenty as one", async () => {
    await metering(async (meter) => {
      meter.call(T0);
      for (let said = 0; said < 21; said++) meter.message(T0 + said);
      const { today, socketMessages } = await meter.today(T0);
      expect(socketMessages).toBe(21);
      expect(today.used.objectRequests).toBe(1 + 2);
    });
  });

  it("keeps its counts once a minute, and a fresh object goes on from there", async () => {
    await metering(async (meter, again) => {
      meter.add({ ...none(), rowsRead: 5, rowsWritten: 3, workerRequests: 2 });
      expect(await meter.save(T0)).toBe(true);
      meter.add({ ...none(), rowsRead: 1, rowsWritten: 1, workerRequests: 1 });
      expect(await meter.save(T0 + 59_000)).toBe(false);
      expect((await again().today(T0 + 59_000)).today.used).toMatchObject({
        rowsRead: 5,
        rowsWritten: 3,
        workerRequests: 2,
      });
      expect(await meter.save(T0 + 60_000)).toBe(true);
      const fresh = again();
      fresh.add({ ...none(), rowsRead: 1, rowsWritten: 0, workerRequests: 0 });
      expect((await fresh.today(T0 + 61_000)).today.used).toMatchObject({
        rowsRead: 7,
        rowsWritten: 4,
        workerRequests: 3,
      });
    });
  });

  it("at midnight begins anew, and what was counted last belongs to the day that is over", async () => {
    await metering(async (meter) => {
      meter.add({ ...none(), rowsRead: 0, rowsWritten: 10, workerRequests: 0 });
      await meter.save(T0 + DAY - 30_000);
      meter.add({ ...none(), rowsRead: 0, rowsWritten: 5, workerRequests: 0 });
      expect(await meter.save(T0 + DAY + 1_000)).toBe(true);
      const { today, marks } = await meter.today(T0 + DAY + 1_000);
      expect(today).toMatchObject({ day: dayOf(T0 + DAY), used: { rowsWritten: 0 } });
      expect(marks).toEqual({});
      expect(await meter.before(T0 + DAY + 1_000)).toMatchObject([{ day: dayOf(T0), used: { rowsWritten: 15 } }]);
    });
  });

  it("marks what each hour came to when it is over, once", async () => {
    await metering(async (meter) => {
      const add = (rowsWritten: number) => meter.add({ ...none(), rowsWritten });
      add(1);
      expect((await meter.today(T0 + 3_599_000)).marks).toEqual({});
      add(2);
      expect((await meter.today(T0 + 3_601_000)).marks).toMatchObject({ 0: { rowsWritten: 3 } });
      add(4);
      expect((await meter.today(T0 + 7_199_000)).marks).toMatchObject({ 0: { rowsWritten: 3 } });
      expect((await meter.today(T0 + 7_200_000)).marks).toMatchObject({ 0: { rowsWritten: 3 }, 1: { rowsWritten: 7 } });
    });
  });

  it("keeps the last days only, newest first, and not today among them", async () => {
    await metering(async (meter) => {
      for (let day = 0; day < USAGE_DAYS_KEPT + 5; day++) await meter.save(T0 + day * DAY);
      const now = T0 + (USAGE_DAYS_KEPT + 4) * DAY;
      const before = (await meter.before(now)).map(({ day }) => day);
      expect(before[0]).toBe(dayOf(now - DAY));
      expect(before).toHaveLength(USAGE_DAYS_KEPT - 1);
      expect(before).toEqual([...before].sort().reverse());
      expect(await meter.before(now)).toHaveLength(USAGE_DAYS_KEPT - 1);
    });
  });
});

describe("rows", () => {
  it("are counted as the database tells them, whichever way it is asked", async () => {
    const db = database(env.DB).$client;
    const one = "INSERT INTO custom_series (instance_id, key) VALUES (?1, ?2)";
    const all = "SELECT * FROM custom_series WHERE instance_id = 'counted'";
    let [rowsRead, rowsWritten] = [0, 0];
    const told = ({ meta }: D1Result) => {
      rowsRead += meta.rows_read;
      rowsWritten += meta.rows_written;
    };
    told(await db.prepare(one).bind("counted", "a").run());
    for (const result of await db.batch([db.prepare(one).bind("counted", "b"), db.prepare(all)])) told(result);
    told(await db.prepare(all).all());
    expect(rowsWritten).toBeGreaterThanOrEqual(2);
    expect(usage.take()).toEqual({ ...none(), rowsRead, rowsWritten });
    expect(await db.prepare(all).first("key")).toBe("a");
    expect(await db.prepare(all).raw()).toHaveLength(2);
    expect(usage.take().rowsRead).toBeGreaterThanOrEqual(4);
    expect(usage.take()).toEqual(none());
  });
});
