import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, expect, it } from "vitest";
import type { UptimeDay } from "../checks/table.ts";
import { readUptime } from "../checks/uptime-store.ts";
import { accrue } from "../checks/uptime.ts";
import { database } from "../db/client.ts";
import { sentinel } from "../sentinel-client.ts";
import { Memory } from "./memory.ts";
import { storeUptime } from "./storing-uptime.ts";

const DAY = 86_400_000;
const MIDNIGHT = 20_000 * DAY;
const SUBJECT = "check:stored";

beforeEach(() => env.DB.prepare("DELETE FROM uptime").run());

/** A sentinel that saw the check up for a minute before and a minute after each of these midnights. */
async function remembering(midnights: readonly number[]): Promise<Memory> {
  const memory = await runInDurableObject(
    sentinel(env) as never,
    (_object, state: DurableObjectState) => new Memory(state.storage),
  );
  const uptime = midnights
    .flatMap((midnight) => [midnight - 60_000, midnight + 60_000])
    .reduce<ReturnType<typeof accrue> | null>((state, at) => accrue(state, { at, verdict: "up" }, 120_000), null)!;
  const round = { lastRoundAt: MIDNIGHT, intervalMs: 120_000, results: [], reachesHost: true };
  memory.checks.set(SUBJECT, { ...round, uptime });
  return memory;
}

async function store(memory: Memory): Promise<UptimeDay[]> {
  const db = database(env.DB);
  await runInDurableObject(sentinel(env) as never, () => storeUptime(db, memory, () => true, MIDNIGHT + 2 * DAY));
  return (await readUptime(db, [SUBJECT], true)).get(SUBJECT)!.recent;
}

it("a day that an object stored and could not note, since it ended, is not counted twice by the next", async () => {
  const [before, after] = [await remembering([MIDNIGHT]), await remembering([MIDNIGHT])];
  expect(await store(before)).toEqual([[19_999, 60, 0, 0, 0]]);
  expect(await store(after)).toEqual([[19_999, 60, 0, 0, 0]]);
});

it("a day that goes on after it was stored, since the clock was set back, is added to", async () => {
  await store(await remembering([MIDNIGHT]));
  const again = await remembering([MIDNIGHT]);
  again.checks.get(SUBJECT)!.uptime.finished = [[19_999, 0, 0, 30, 0]];
  expect(await store(again)).toEqual([[19_999, 60, 0, 30, 0]]);
});
