import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import type { IngestEnvelope } from "../../contract/ingest.ts";
import { PROTOCOL } from "../../contract/limits.ts";
import { newToken } from "../../worker/auth/secret.ts";
import { keptSecret } from "../local/secret-file.ts";
import { knowAgentToken } from "../local/sign-in.ts";
import { demoFleet, isHeard, readingsAt, type DemoInstance } from "./fleet.ts";
import { fillPast, PAST_MS } from "./past.ts";

const LIVE_INTERVAL_MS = 5_000;
const VERSION = "0.1.0";

/** Gives the fleet its past and keeps it alive. Gives back what ends it. */
export async function startDemo(db: D1Database, origin: string, stateDir: string): Promise<() => void> {
  const startedAt = Date.now();
  const bornAt = Number(await keptSecret(join(stateDir, "born-at"), () => String(startedAt)));
  const fleet = demoFleet(bornAt);
  const tokens: string[] = [];
  for (const instance of fleet) {
    const token = await keptSecret(join(stateDir, "tokens", instance.facts.id), () => newToken("agent"));
    await knowAgentToken(db, token, instance.facts.name, instance.facts.id);
    await insertInstance(db, instance, startedAt - PAST_MS);
    tokens.push(token);
  }
  const rows = await fillPast(db, fleet, bornAt, startedAt);
  console.log(`Simulated ${rows} samples of the past in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);

  const stream = randomUUID();
  let seq = 0;
  let hasComplained = false;
  const send = async () => {
    const at = Date.now();
    seq++;
    const posts = fleet.map((instance, index) =>
      isHeard(instance, at, bornAt) ? post(origin, tokens[index]!, envelopeOf(instance, index, at)) : undefined,
    );
    const failed = (await Promise.allSettled(posts)).find((result) => result.status === "rejected");
    if (failed && !hasComplained) console.error(`demo  │ ${String(failed.reason?.message ?? failed.reason)}`);
    hasComplained = failed !== undefined;
  };
  const envelopeOf = (instance: DemoInstance, index: number, at: number): IngestEnvelope => ({
    protocol: PROTOCOL,
    agent: { version: VERSION },
    instance: instance.facts,
    stream,
    sentAt: at,
    intervalMs: LIVE_INTERVAL_MS,
    samples: [{ seq, at, metrics: readingsAt(instance, index, at, bornAt) }],
  });
  await send();
  const timer = setInterval(() => void send(), LIVE_INTERVAL_MS);
  return () => clearInterval(timer);
}

async function post(origin: string, token: string, envelope: IngestEnvelope): Promise<void> {
  const response = await fetch(`${origin}/ingest`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(envelope),
    signal: AbortSignal.timeout(10_000),
  });
  const words = await response.text();
  if (!response.ok) throw new Error(`${envelope.instance.name}: ${response.status} ${words.slice(0, 200)}`);
}

async function insertInstance(db: D1Database, { facts }: DemoInstance, firstSeenAt: number): Promise<void> {
  const columns = `id, name, region, type, hostname, os, kernel, arch, cpu_model, cpu_count, memory_total_bytes, boot_id,
    boot_at, agent_version, interval_ms, clock_offset_ms, first_seen_at, tags`;
  const values = [facts.id, facts.name, facts.region, facts.type, facts.hostname, facts.os, facts.kernel, facts.arch];
  values.push(facts.cpuModel);
  await db
    .prepare(`INSERT INTO instance (${columns}) VALUES (${Array(18).fill("?").join(", ")}) ON CONFLICT (id) DO NOTHING`)
    .bind(
      ...values,
      facts.cpuCount,
      facts.memoryTotalBytes,
      facts.bootId,
      facts.bootAt,
      VERSION,
      LIVE_INTERVAL_MS,
      0,
      firstSeenAt,
      // `db-fra-2` is tagged `db` and `fra`, so that a person can be limited to either.
      JSON.stringify(facts.name.split("-").slice(0, 2)),
    )
    .run();
}
