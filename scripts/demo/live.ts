import { randomUUID } from "node:crypto";
import type { IngestEnvelope } from "../../contract/ingest.ts";
import { PROTOCOL } from "../../contract/limits.ts";
import type { EpochMs } from "../../contract/units.ts";
import { BEAT_PERIOD_MS } from "./looks.ts";
import { isHeard, readingsAt, type DemoInstance } from "./fleet.ts";

export const LIVE_INTERVAL_MS = 5_000;
export const AGENT_VERSION = "0.1.0";

/** A machine of the fleet, with its agent's token. */
export interface LiveAgent {
  instance: DemoInstance;
  token: string;
}

/** Lets the agents send and the job call, where Nephos is. Gives back what ends it. */
export async function startLive(
  agents: readonly LiveAgent[],
  beatAddress: string,
  origin: string,
  bornAt: EpochMs,
): Promise<() => void> {
  const stream = randomUUID();
  let seq = 0;
  const send = async () => {
    const at = Date.now();
    seq++;
    const posts = agents.map(async ({ instance, token }, index) => {
      if (!isHeard(instance, at, bornAt)) return;
      await post(`${origin}/ingest`, envelopeOf(instance, index, at), { authorization: `Bearer ${token}` });
    });
    const failed = (await Promise.allSettled(posts)).find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  };
  const envelopeOf = (instance: DemoInstance, index: number, at: EpochMs): IngestEnvelope => ({
    protocol: PROTOCOL,
    agent: { version: AGENT_VERSION },
    instance: instance.facts,
    stream,
    sentAt: at,
    intervalMs: LIVE_INTERVAL_MS,
    samples: [{ seq, at, metrics: readingsAt(instance, index, at, bornAt) }],
  });
  const ends = [
    await repeating(send, LIVE_INTERVAL_MS),
    await repeating(() => post(origin + beatAddress, {}), BEAT_PERIOD_MS),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** At once and then every so often; of failures in a row the first is told. */
async function repeating(work: () => Promise<void>, everyMs: number): Promise<() => void> {
  let hasFailed = false;
  const once = async () => {
    try {
      await work();
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) console.error(`demo  │ ${(error as Error).message}`);
      hasFailed = true;
    }
  };
  await once();
  const timer = setInterval(() => void once(), everyMs);
  return () => clearInterval(timer);
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const words = await response.text();
  if (!response.ok)
    throw new Error(`${new URL(url).pathname.split("/")[1]}: ${response.status} ${words.slice(0, 200)}`);
}
