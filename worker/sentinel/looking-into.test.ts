import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { fillPast } from "../../scripts/demo/past.ts";
import { listInstances } from "../instances/store.ts";
import { sentinel } from "../sentinel-client.ts";
import { db, knowInstance } from "../testing/history.ts";
import { DETECTOR_VERSION } from "../insights/local/anomaly/detector.ts";
import { lookIntoDue } from "./looking-into.ts";
import { Memory } from "./memory.ts";
import { StoredWatches } from "./watch-store.ts";

const HOUR = 3_600_000;
const STEP = 300_000;
const now = Math.floor(Date.now() / STEP) * STEP;

it("one machine that looking fails for keeps none of the others from being looked into, and is tried again with its next turn", async () => {
  const ids = Array.from({ length: 9 }, (_, number) => `looked-${number}`);
  for (const id of ids) await knowInstance(id);
  const readingsAt = (at: number) => ({ cpu_busy_ratio: 0.2 + 0.1 * Math.sin(at / HOUR), memory_used_ratio: 0.5 });
  await fillPast(db, [{ id: ids[4]!, everyMs: STEP, readingsAt }], now);
  await runInDurableObject(sentinel(env) as unknown as DurableObjectStub, async (_object, state) => {
    const watches = new StoredWatches(state.storage, DETECTOR_VERSION);
    const broken = { upTo: now - HOUR, detectors: { cpu_busy_ratio: "no detector" }, stoodOut: {} };
    watches.save(new Map([[ids[4]!, broken as never]]));
    const memory = new Memory(state.storage);
    const look = async (at: number) =>
      lookIntoDue({ env, db, memory, watches, plan: "free" }, await listInstances(db), at, Infinity);
    expect((await look(now)).says).toBe("8 of 9 due, 0 findings written, 1 failed");
    const looked = () => ids.filter((id) => memory.instances.get(id)?.lookedIntoAt !== undefined);
    expect(looked()).toEqual(ids.filter((id) => id !== ids[4]));
    expect(await look(now + 10 * 60_000)).toEqual({});
    watches.keepOnly(ids.filter((id) => id !== ids[4]));
    expect((await look(now + HOUR)).says).toMatch(/^9 of 9 due/);
    expect(looked()).toEqual(ids);
  });
});
