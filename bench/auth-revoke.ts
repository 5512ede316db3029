import type { NewAgentToken } from "../contract/agents.ts";
import { BenchAgent } from "./envelope.ts";
import { median, round } from "./figures.ts";
import { signIn } from "./seed.ts";
import type { Workerd } from "./workerd.ts";

const ROUNDS = 20;
const SEND_EVERY_MS = 5;
const BEFORE_MS = 300;
const AFTER_MS = 500;

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

/**
 * How long a revoked agent token goes on being accepted: an agent posts every 5 ms, its token is deleted through the API, and
 * what counts is the time from that answer to the last `200` that came after it; none is 0. The median of twenty tokens.
 */
export async function revokeEffect({ url: { app, d1 } }: Workerd): Promise<Record<string, number>> {
  const cookie = await signIn(d1, app);
  const headers = { cookie, origin: app, "content-type": "application/json" };
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const made = await fetch(`${app}/api/agent-tokens`, { method: "POST", headers, body: '{"label":"revoked"}' });
    if (!made.ok) throw new Error(`No token was made: ${made.status} ${await made.text()}`);
    const { id, secret } = (await made.json()) as NewAgentToken;
    times.push(await revoked(app, secret, `revoked-${i}`, () => remove(`${app}/api/agent-tokens/${id}`, headers)));
  }
  console.error(`revoke  the last 200 after the answer, ms: ${times.map((time) => time.toFixed(1)).join(", ")}`);
  return { revokeEffectiveMs: round(median(times), 1) };
}

async function remove(url: string, headers: Record<string, string>): Promise<void> {
  const gone = await fetch(url, { method: "DELETE", headers });
  if (!gone.ok) throw new Error(`The token was not revoked: ${gone.status} ${await gone.text()}`);
}

async function revoked(app: string, token: string, instanceId: string, revoke: () => Promise<void>): Promise<number> {
  const agent = new BenchAgent({ id: instanceId, token });
  const answers: { status: number; at: number }[] = [];
  const posts: Promise<void>[] = [];
  const post = async () => {
    const reply = await fetch(`${app}/ingest`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(agent.envelope(1)),
    });
    answers.push({ status: reply.status, at: performance.now() });
    await reply.arrayBuffer();
  };
  const timer = setInterval(() => posts.push(post()), SEND_EVERY_MS);
  await pause(BEFORE_MS);
  await revoke();
  const revokedAt = performance.now();
  await pause(AFTER_MS);
  clearInterval(timer);
  await Promise.all(posts);
  if (!answers.some(({ status, at }) => status === 200 && at < revokedAt)) throw new Error("The token was never good.");
  if (answers.at(-1)!.status !== 401) throw new Error(`A revoked token got ${answers.at(-1)!.status}.`);
  const late = answers.filter(({ status, at }) => status === 200 && at > revokedAt);
  return Math.max(0, ...late.map(({ at }) => at - revokedAt));
}
