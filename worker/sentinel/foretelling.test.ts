import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { incident } from "../alerts/table.ts";
import { instance, type InstanceRow } from "../instances/table.ts";
import { sentinel } from "../sentinel-client.ts";
import { FORECAST_EVERY_MS, FORECASTS_PER_TICK_MAX } from "../settings.ts";
import { onlyShard } from "../testing/agent-socket.ts";
import { newRule, withoutDefaultRules } from "../testing/alerts.ts";
import { db, knowInstance, putSamples } from "../testing/history.ts";
import { foretell } from "./foretelling.ts";
import { Memory } from "./memory.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.now();
const WARNING = { warning: 3 * DAY, critical: null, recovery: 4 * DAY };

let memory: Memory;
beforeAll(withoutDefaultRules);
beforeEach(async () => {
  const stub = sentinel(env) as never;
  memory = await runInDurableObject(stub, (_object, state: DurableObjectState) => new Memory(state.storage));
});

const rowsOf = async (prefix: string): Promise<InstanceRow[]> =>
  (await db.select().from(instance)).filter(({ id }) => id.startsWith(prefix));
const stateOf = async (subject: string) =>
  (await db.select().from(incident).where(eq(incident.subject, subject))).map(({ state }) => state);
const foretoldAt = (id: string) => memory.instances.get(id)?.foretoldAt;

/** Readings of the day before now, every half an hour. */
async function lastDay(id: string, valueAt: (hoursAgo: number) => number): Promise<void> {
  await knowInstance(id);
  // One that has read the fleet knows nothing of what was put into the database beside it.
  await evictDurableObject(onlyShard());
  const readings = Array.from({ length: 49 }, (_, index) => ({
    at: NOW - DAY + index * 30 * MINUTE,
    metrics: { memory_used_ratio: valueAt(24 - index / 2) },
  }));
  await putSamples(id, readings);
  await newRule({ kind: "forecast", metric: "memory_used_ratio", ...WARNING }, { subjects: [id] });
}

it("what fills is foretold, and stays so for a machine that has died since: nobody can tell of it", async () => {
  await lastDay("died", (hoursAgo) => 0.8 - hoursAgo * 0.01);
  const rows = await rowsOf("died");
  expect(await foretell({ env, db, memory }, rows, NOW)).toEqual({ says: "1 instance" });
  expect(await stateOf("died")).toEqual(["open"]);
  await foretell({ env, db, memory }, rows, NOW + 7 * HOUR);
  expect(foretoldAt("died")).toBe(NOW + 7 * HOUR);
  expect(await stateOf("died")).toEqual(["open"]);
});

it("what does not fill any more is over", async () => {
  await lastDay("steady", (hoursAgo) => 0.8 - hoursAgo * 0.01);
  const rows = await rowsOf("steady");
  await foretell({ env, db, memory }, rows, NOW);
  expect(await stateOf("steady")).toEqual(["open"]);
  const since = Array.from({ length: 96 }, (_, index) => ({
    at: NOW + (index + 1) * 15 * MINUTE,
    metrics: { memory_used_ratio: index % 2 === 0 ? 0.3 : 0.31 },
  }));
  await putSamples("steady", since);
  await foretell({ env, db, memory }, rows, NOW + DAY);
  expect(await stateOf("steady")).toEqual(["resolved"]);
});

const renamed = (from: string, to: string) => env.DB.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();

it("a shard that could not hear it is told in the next tick", async () => {
  await lastDay("unheard", (hoursAgo) => 0.8 - hoursAgo * 0.01);
  const rows = await rowsOf("unheard");
  await evictDurableObject(onlyShard());
  await renamed("rule_override", "elsewhere");
  await expect(foretell({ env, db, memory }, rows, NOW)).rejects.toThrow();
  await renamed("elsewhere", "rule_override");
  expect(await stateOf("unheard")).toEqual([]);
  await foretell({ env, db, memory }, rows, NOW + MINUTE);
  expect(await stateOf("unheard")).toEqual(["open"]);
  expect(foretoldAt("unheard")).toBe(NOW + MINUTE);
});

it("machines for which it fails keep no others from their turn", async () => {
  for (let index = 0; index < FORECASTS_PER_TICK_MAX + 5; index++) await knowInstance(`some-${100 + index}`);
  const rows = await rowsOf("some-");
  await renamed("block", "elsewhere");
  await expect(foretell({ env, db, memory }, rows, NOW)).rejects.toThrow();
  await renamed("elsewhere", "block");
  await foretell({ env, db, memory }, rows, NOW + MINUTE);
  const asked = rows.filter(({ id }) => foretoldAt(id) === NOW + MINUTE).map(({ id }) => id);
  expect(asked).toHaveLength(FORECASTS_PER_TICK_MAX);
  expect(asked).toEqual(expect.arrayContaining(rows.slice(FORECASTS_PER_TICK_MAX).map(({ id }) => id)));
  await foretell({ env, db, memory }, rows, NOW + 2 * MINUTE);
  expect(rows.filter(({ id }) => NOW - (foretoldAt(id) ?? 0) >= FORECAST_EVERY_MS)).toEqual([]);
});
