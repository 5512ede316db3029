import { env, exports } from "cloudflare:workers";
import { PROTOCOL } from "../../contract/limits.ts";
import type { NewAgentToken } from "../../contract/agents.ts";
import type { NewInvitation } from "../../contract/people.ts";
import type { Role } from "../../contract/roles.ts";
import type { Readings } from "../../contract/metric.ts";
import { ONLY_SHARD } from "../live/shard-of.ts";
import { hashOf, newSecret } from "../auth/secret.ts";
import { readingsOf } from "../live/incoming.ts";
import type { Directory } from "../series/block/directory.ts";
import { unpackSamples } from "../series/block/samples.ts";
import { fromHex } from "../series/hex.ts";
import { plant, secretsIn } from "./planted.ts";

/** Browsers, programs and agents, as the Worker meets them: over HTTP, through the front door. */
export const ORIGIN = "http://nephos.test";

/** Answers that hand a secret out, this once: whose field it is. */
const HANDS_OUT = ["secret", "token", "link", "beatUrl"];

/** Sends a request, and holds whatever comes back against the secrets that were handed out before. */
export async function fetchApp(path: string, init: RequestInit = {}): Promise<Response> {
  const reply = await exports.default.fetch(new Request(ORIGIN + path, { redirect: "manual", ...init }));
  if (reply.webSocket) return reply;
  const text = await reply.clone().text();
  const headers = [...reply.headers].filter(([name]) => name !== "set-cookie").join("\n");
  const leaked = secretsIn(`${headers}\n${text}`);
  if (leaked.length > 0)
    throw new Error(`${init.method ?? "GET"} ${path} answered with a secret: ${leaked.join(", ")}`);
  for (const secret of handedOut(text)) plant(secret);
  for (const cookie of reply.headers.getSetCookie()) {
    const value = cookie.split(";")[0]!.split("=")[1]!;
    if (value) plant(value);
  }
  return reply;
}

function handedOut(text: string): string[] {
  if (!text.startsWith("{")) return [];
  const reply = JSON.parse(text) as Record<string, unknown>;
  const codes = Array.isArray(reply["recoveryCodes"]) ? (reply["recoveryCodes"] as string[]) : [];
  const secrets = HANDS_OUT.map((field) => reply[field]).filter((value) => typeof value === "string");
  return [...secrets.map((value) => value.split(/[#/]/).at(-1)!), ...codes];
}

export async function printedLink(expiresAt = Date.now() + 60_000): Promise<string> {
  const token = newSecret();
  await env.DB.prepare("INSERT INTO sign_in_link (hash, created_at, expires_at) VALUES (?, ?, ?)")
    .bind(hashOf(token), Date.now(), expiresAt)
    .run();
  return token;
}

export function openLink(token: string): Promise<Response> {
  return new Browser().fetch("/api/sign-in/link", { method: "POST", body: { token } });
}

let browsers = 0;

interface Sent {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A browser with its cookies, at an address of its own. */
export class Browser {
  readonly cookies = new Map<string, string>();
  address = `10.${(++browsers >> 16) & 255}.${(browsers >> 8) & 255}.${browsers & 255}`;

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async fetch(path: string, { method = "GET", body, headers }: Sent = {}): Promise<Response> {
    const reply = await fetchApp(path, {
      method,
      headers: { cookie: this.cookie, origin: ORIGIN, "cf-connecting-ip": this.address, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    for (const cookie of reply.headers.getSetCookie()) {
      const [pair, ...attributes] = cookie.split("; ");
      const [name, value] = pair!.split("=") as [string, string];
      if (attributes.some((attribute) => attribute.toLowerCase() === "max-age=0")) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return reply;
  }

  /** The reply's JSON, where the status is what was expected. */
  async json<Reply>(path: string, sent: Sent = {}, status = 200): Promise<Reply> {
    const reply = await this.fetch(path, sent);
    if (reply.status !== status) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (status === 204 ? undefined : await reply.json()) as Reply;
  }
}

export class Owner extends Browser {
  static async signedIn(): Promise<Owner> {
    const owner = new Owner();
    await owner.json("/api/sign-in/link", { method: "POST", body: { token: await printedLink() } });
    return owner;
  }

  async newToken(label = "web-1"): Promise<NewAgentToken> {
    return this.json("/api/agent-tokens", { method: "POST", body: { label } }, 201);
  }

  async invite(invited: Record<string, unknown>): Promise<NewInvitation> {
    return this.json("/api/invitations", { method: "POST", body: invited }, 201);
  }

  /** Somebody who was invited, came and is signed in. */
  async joined(role: Role, more: { tags?: string[]; email?: string; name?: string } = {}): Promise<Browser> {
    const { name = `the ${role}`, ...rest } = more;
    const { link } = await this.invite({ role, ...rest });
    const browser = new Browser();
    const body = { token: link.split("#")[1], name };
    await browser.json("/api/invitation/accept", { method: "POST", body }, 201);
    return browser;
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

/** What an instance has in its raw blocks, after all that waits has been written. */
export async function storedSamples(instanceId: string) {
  await env.FLEET.get(env.FLEET.idFromName(ONLY_SHARD)).flush();
  const { results } = await env.DB.prepare(
    "SELECT count, directory, hex(data) AS data FROM block WHERE instance_id = ? AND tier = 0 ORDER BY bucket",
  )
    .bind(instanceId)
    .all<{ count: number; directory: string; data: string }>();
  return results.flatMap(({ count, directory, data }) => {
    const block = { count, directory: JSON.parse(directory) as Directory, data: fromHex(data) };
    const unreadable = (series: string) => {
      throw new Error(`${series} of ${instanceId} cannot be read`);
    };
    return unpackSamples(block, unreadable)
      .samples()
      .map(({ at, stream, seq, keys, values }) => ({ at, stream, seq, metrics: readingsOf({ keys, values }) }));
  });
}
