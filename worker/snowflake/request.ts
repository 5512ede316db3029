import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { version } from "../../package.json";
import type { SnowflakeClock } from "./clock.ts";
import { SnowflakeProblem } from "./problem.ts";
import { problemOf } from "./refusal.ts";
import { notUnderstood, timedOut, unreachable, type Refused } from "./refusal-words.ts";

/** An answer of Snowflake's, whole. `json` is undefined where the body is none. */
export interface Answer {
  status: number;
  text: string;
  json: unknown;
}

/** A body that Snowflake sends back at most; a partition is some tens of megabytes uncompressed at the very most, ours are small. */
const ANSWER_BYTES_MAX = 24_000_000;
const ATTEMPTS_MAX = 5;
const PAUSE_MS: DurationMs = 500;
const PAUSE_MAX_MS: DurationMs = 16_000;
/** A statement is answered with 202 after 45 s; whoever does not answer at all is not waited for much longer. */
const REQUEST_TIMEOUT_MS: DurationMs = 55_000;

/** The API refuses callers without a name. */
export const USER_AGENT = `Nephos/${version}`;

/** One thing to ask for, made anew for each attempt: what is said to be a retry is one. */
export type Attempt = (retry: number) => Promise<Request>;

/**
 * Asks until there is an answer that is neither 429 nor 5xx, or no time is left. Whatever can be sent twice is Snowflake's business:
 * requests carry an id. Throws a {@link SnowflakeProblem} where there is none.
 */
export async function ask(
  attempt: Attempt,
  refused: Refused,
  clock: SnowflakeClock,
  deadline: EpochMs,
): Promise<Answer> {
  for (let retry = 0; ; retry++) {
    if (clock.now() >= deadline) throw timedOut();
    const outcome = await once(await attempt(retry), refused, deadline - clock.now());
    if (!("problem" in outcome)) return outcome;
    const pauseMs = outcome.retryAfterMs ?? pauseBefore(retry + 1);
    if (retry + 1 >= ATTEMPTS_MAX || clock.now() + pauseMs >= deadline) throw outcome.problem;
    await clock.wait(pauseMs);
  }
}

/** Twice as long each time. Callers are few, and each has its own beat, so that nothing is left to chance. */
export function pauseBefore(retry: number): DurationMs {
  return Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (retry - 1));
}

interface Passing {
  problem: SnowflakeProblem;
  retryAfterMs: DurationMs | null;
}

async function once(request: Request, refused: Refused, leftMs: DurationMs): Promise<Answer | Passing> {
  request.headers.set("user-agent", USER_AGENT);
  if (!request.headers.has("accept")) request.headers.set("accept", "application/json");
  let status: number;
  let headers: Headers;
  let text: string;
  try {
    // A little beyond the deadline: Snowflake itself ends what takes longer, and says so.
    const timeoutMs = Math.min(REQUEST_TIMEOUT_MS, Math.max(1_000, leftMs + 2_000));
    const response = await fetch(request, { signal: AbortSignal.timeout(timeoutMs), redirect: "manual" });
    ({ status, headers } = response);
    text = await limitedText(response);
  } catch (error) {
    if (error instanceof SnowflakeProblem) throw error;
    return { problem: unreachable(refused), retryAfterMs: null };
  }
  const answer: Answer = { status, text, json: jsonOf(text) };
  // What Cloudflare says of a name that does not resolve does not pass.
  const isPassing = status === 429 || (status >= 500 && status !== 530);
  if (!isPassing) return answer;
  return { problem: problemOf(refused, refusalOf(answer)), retryAfterMs: retryAfterOf(headers) };
}

/** What an answer that is no success said of itself: SQL, Cortex and streaming name the members differently. */
export function refusalOf({ status, json, text }: Answer) {
  const said = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const member = (...names: string[]) =>
    names.map((name) => said[name]).find((value) => typeof value === "string" || typeof value === "number");
  return {
    status,
    code: String(member("code", "error_code") ?? ""),
    sqlState: String(member("sqlState") ?? ""),
    message: String(member("message", "error_description", "error") ?? (status === 530 ? text.slice(0, 200) : "")),
  };
}

function retryAfterOf(headers: Headers): DurationMs | null {
  const text = headers.get("retry-after") ?? "";
  return /^\d{1,4}$/.test(text) ? Number(text) * 1_000 : null;
}

/** Partitions are gzip, and not every way there says so in a header. */
async function limitedText(response: Response): Promise<string> {
  const bytes = await limitedBytes(response.status, response.body);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes);
  const unpacked = new Response(bytes).body!.pipeThrough(new DecompressionStream("gzip"));
  return new TextDecoder().decode(await limitedBytes(response.status, unpacked));
}

async function limitedBytes(status: number, body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_BYTES_MAX) throw notUnderstood(status);
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
