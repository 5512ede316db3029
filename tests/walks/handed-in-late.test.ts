import { afterAll, beforeAll, expect, it } from "vitest";
import type { IngestReply } from "../../contract/ingest.ts";
import { PROTOCOL } from "../../contract/limits.ts";
import { newToken } from "../../worker/auth/secret.ts";
import { Chance } from "../chance.ts";
import { KillableEdge } from "../killable-edge.ts";

/** Single samples are kept for three days as a rule, and an agent keeps for a week what it could not hand in. */
const HOUR = 3_600_000;
const QUARTER_DAY = 6 * HOUR;
const AWAY_MS = 6.5 * 24 * HOUR;
const TICKS = 6;

let edge: KillableEdge;
const token = newToken("agent");

beforeAll(async () => {
  edge = await KillableEdge.start([{ token, instanceId: "away" }], new Chance());
  await edge.flushOnlyWhenTold();
});
afterAll(() => edge.end());

async function handIn(stream: string, times: readonly number[]): Promise<void> {
  for (let from = 0; from < times.length; from += 100) {
    const part = times.slice(from, from + 100);
    const reply = await fetch(`${edge.origin}/ingest`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({
        protocol: PROTOCOL,
        agent: { version: "0.2.0" },
        instance: { id: "away" },
        stream,
        sentAt: Date.now(),
        intervalMs: HOUR / 2,
        after: from,
        oldest: from === 0,
        samples: part.map((at, index) => ({ seq: from + index + 1, at, metrics: { load_1m: 1 } })),
      }),
    });
    expect(((await reply.json()) as IngestReply).accepted).toBe(part.length);
  }
}

const ticks = async () => {
  for (let tick = 0; tick < TICKS; tick++) await edge.tick();
};

it("what an agent hands in after most of a week is in the history of years, though the edge dies as soon as it is durable", async () => {
  // A Nephos that has been at it: all that is over is rolled.
  await handIn("before-it-was-away", [Date.now() - 6.8 * 24 * HOUR]);
  await edge.flush();
  await ticks();
  expect(await edge.rolled()).toEqual({ away: 1 });

  const start = Date.now() - AWAY_MS;
  const times = Array.from({ length: (2 * AWAY_MS) / HOUR }, (_, index) => start + (index * HOUR) / 2);
  await handIn("while-it-was-away", times);
  // From here on the agent has forgotten them.
  await edge.flush();
  expect(await edge.stored()).toHaveLength(times.length + 1);
  await edge.kill();
  await edge.start(false);
  await ticks();
  const isOver = (at: number) => Math.floor(at / QUARTER_DAY) < Math.floor((Date.now() - HOUR / 4) / QUARTER_DAY);
  expect(await edge.rolled()).toEqual({ away: times.filter(isOver).length + 1 });
});
