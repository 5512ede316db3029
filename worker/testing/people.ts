import { env, exports } from "cloudflare:workers";
import { PROTOCOL } from "../../contract/limits.ts";
import type { NewAgentToken } from "../../contract/instance.ts";
import type { Readings } from "../../contract/metric.ts";
import { ONLY_SHARD } from "../live/shard-of.ts";
import { hashOf, newSecret } from "../auth/secret.ts";
import { unpackReadings } from "../series/packed.ts";

/** The owner's browser and an agent, as the Worker meets them: over HTTP, through the front door. */
export const ORIGIN = "http://nephos.test";

export function fetchApp(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new Request(ORIGIN + path, init));
}

export async function printedLink(expiresAt = Date.now() + 60_000): Promise<string> {
  const token = newSecret();
  await env.DB.prepare("INSERT INTO sign_in_link (hash, created_at, expires_at) VALUES (?, ?, ?)")
    .bind(hashOf(token), Date.now(), expiresAt)
    .run();
  return token;
}

export function openLink(token: string): Promise<Response> {
  return fetchApp("/api/session", { method: "POST", headers: { origin: ORIGIN }, body: JSON.stringify({ token }) });
}

export class Owner {
  readonly cookie: string;

  private constructor(cookie: string) {
    this.cookie = cookie;
  }

  static async signedIn(): Promise<Owner> {
    const reply = await openLink(await printedLink());
    return new Owner(reply.headers.get("set-cookie")!.split(";")[0]!);
  }

  fetch(path: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) {
    return fetchApp(path, {
      method: init.method ?? "GET",
      headers: { cookie: this.cookie, origin: ORIGIN, ...init.headers },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    });
  }

  async newToken(label = "web-1"): Promise<NewAgentToken> {
    const reply = await this.fetch("/api/agent-tokens", { method: "POST", body: { label } });
    return reply.json<NewAgentToken>();
  }
}

export interface EnvelopeParts {
  id?: string;
  stream?: string;
  sentAt?: number;
  samples?: { seq: number; at: number; metrics: Readings }[];
  [field: string]: unknown;
}

export function envelope({
  id = "web-1",
  stream = "stream-0001",
  sentAt = Date.now(),
  samples = [],
  ...rest
}: EnvelopeParts) {
  return {
    protocol: PROTOCOL,
    agent: { version: "0.1.0" },
    instance: { id, name: id },
    stream,
    sentAt,
    intervalMs: 30_000,
    samples,
    ...rest,
  };
}

export function post(secret: string, body: unknown, path = "/ingest"): Promise<Response> {
  return fetchApp(path, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export async function storedSamples(instanceId: string) {
  await env.FLEET.get(env.FLEET.idFromName(ONLY_SHARD)).pack();
  const { results } = await env.DB.prepare(
    `SELECT entry.value ->> 0 AS at, entry.value ->> 1 AS seq, entry.value -> 2 AS metrics
     FROM block, json_each(block.samples) AS entry WHERE instance_id = ? ORDER BY at`,
  )
    .bind(instanceId)
    .all<{ at: number; seq: number; metrics: string }>();
  return results.map((row) => ({ ...row, metrics: unpackReadings(row.metrics) }));
}
