import { afterAll, beforeAll, expect, it } from "vitest";
import { PROTOCOL } from "../../contract/limits.ts";
import type { IngestReply } from "../../contract/ingest.ts";
import type { SeriesColumns } from "../../contract/series.ts";
import { Launched } from "../launched.ts";
import { SignedIn } from "../owner.ts";

const ROUNDS = 4;
let nephos: Launched;

beforeAll(async () => {
  nephos = await Launched.start("--no-agent");
});
afterAll(() => nephos.end());

it("whenever the plug is pulled: no answered sample is missing, and none is there twice", async () => {
  const owner = await SignedIn.by(nephos.link);
  const { secret } = await owner.newToken("plug");
  const start = Date.now() - 600_000;
  let durable = 0;
  let next = 1;

  // An agent as the protocol asks for: it forgets nothing above `durableSeq`, and starts again from there.
  const send = async (from: number, count: number): Promise<IngestReply> => {
    const samples = Array.from({ length: count }, (_, i) => ({
      seq: from + i,
      at: start + (from + i) * 10,
      metrics: { load_1m: from + i },
    }));
    const reply = await fetch(`${nephos.url}/ingest`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({
        protocol: PROTOCOL,
        agent: { version: "0.1.0" },
        instance: { id: "plug" },
        stream: "stream-of-the-plug",
        sentAt: Date.now(),
        intervalMs: 1000,
        samples,
      }),
    });
    if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
    return (await reply.json()) as IngestReply;
  };
  const sendUntilItBreaks = async () => {
    for (;;) {
      const reply = await send(next, 3);
      expect(reply.durableSeq).toBeGreaterThanOrEqual(durable);
      durable = reply.durableSeq;
      next = durable + 1;
    }
  };

  for (let round = 1; round <= ROUNDS; round++) {
    const answered = Math.floor(Math.random() * 60) + 3;
    console.log(`round ${round}: the plug is pulled after ${answered} more samples`);
    const goal = durable + answered;
    const sending = sendUntilItBreaks();
    const broken = expect(sending).rejects.toThrow();
    await expect.poll(() => durable, { timeout: 30_000, interval: 1 }).toBeGreaterThanOrEqual(goal);
    await nephos.pullThePlug();
    await broken;
    await nephos.restart("--no-agent");

    const columns = await owner.get<SeriesColumns>(
      `/api/instances/plug/series?metrics=load_1m&from=${start}&to=${start + 500_000}&points=2000`,
    );
    const stored = columns.series["load_1m"]!.mean.filter((value) => value !== null);
    expect(stored.slice(0, durable)).toEqual(Array.from({ length: durable }, (_, i) => i + 1));
    expect(new Set(stored).size).toBe(stored.length);
    next = durable + 1;
  }
  expect((await send(next, 3)).durableSeq).toBe(next + 2);
});
