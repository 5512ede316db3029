import type { DurationMs } from "../../contract/units.ts";
import { PROVIDER_API_ANSWER_BYTES_MAX, PROVIDER_API_ATTEMPTS, PROVIDER_API_TIMEOUT_MS } from "../settings.ts";
import { ProviderProblem } from "./provider.ts";

/** An answer of a provider's API, whole. `json` is undefined where the body is none. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

/**
 * Asks a provider's API; throws a {@link ProviderProblem} where there is no answer to speak of. Any status is an answer but 429, 5xx,
 * and what `isTooOften` knows for a 429 in disguise.
 */
export type Ask = (
  request: () => Request | Promise<Request>,
  isTooOften?: (answer: Answer) => boolean,
) => Promise<Answer>;

/** What asking needs of its surroundings. */
export interface Asking {
  /** The provider's name, for the words. */
  name: string;
  /** Called before each request; throws where the budget of this event is used up. */
  spend(): void;
  wait(ms: DurationMs): Promise<unknown>;
  random(): number;
  timeoutMs?: DurationMs;
}

/** Waits longer than this are for the next tick. */
const WAIT_MAX_MS: DurationMs = 5_000;

/**
 * Tries again what may pass (429, 5xx, no answer), after as long as the other side asks for or a growing random while. The request is
 * made anew each time: signatures hold their time.
 */
export function asking({ name, spend, wait, random, timeoutMs = PROVIDER_API_TIMEOUT_MS }: Asking): Ask {
  return async (request, isTooOften = () => false) => {
    for (let attempt = 1; ; attempt++) {
      spend();
      const outcome = await once(name, await request(), timeoutMs, isTooOften);
      if (!("problem" in outcome)) return outcome;
      const pauseMs = outcome.retryAfterMs ?? random() * 500 * 2 ** attempt;
      if (attempt >= PROVIDER_API_ATTEMPTS || pauseMs > WAIT_MAX_MS) throw outcome.problem;
      await wait(pauseMs);
    }
  };
}

/** What may pass. */
interface Passing {
  problem: ProviderProblem;
  retryAfterMs: DurationMs | null;
}

async function once(
  name: string,
  request: Request,
  timeoutMs: DurationMs,
  isTooOften: (answer: Answer) => boolean,
): Promise<Answer | Passing> {
  // What guards an API at its edge takes a caller without a name for a robot.
  request.headers.set("user-agent", "Nephos");
  let answer: Answer;
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(timeoutMs), redirect: "manual" });
    const text = await limitedText(name, response);
    answer = { status: response.status, headers: response.headers, text, json: jsonOf(text) };
  } catch (error) {
    if (error instanceof ProviderProblem) throw error;
    return { problem: unavailable(`${name} did not answer, or broke off.`), retryAfterMs: null };
  }
  const retryAfterMs = retryAfterOf(answer.headers);
  if (answer.status === 429 || isTooOften(answer)) return { problem: rateLimited(name), retryAfterMs };
  if (answer.status < 500) return answer;
  return { problem: unavailable(`${name} has a problem of its own (status ${answer.status}).`), retryAfterMs };
}

/** Seconds, or a date, which is held against the clock of who sent it. */
function retryAfterOf(headers: Headers): DurationMs | null {
  const text = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const ms = Date.parse(text) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

function unavailable(message: string): ProviderProblem {
  return new ProviderProblem("unavailable", message, "Nothing to do: it is asked again with every tick.");
}

function rateLimited(name: string): ProviderProblem {
  return new ProviderProblem(
    "rate_limited",
    `${name} says that it was asked too often.`,
    "It is asked again with the next tick. Does something else use the same key?",
  );
}

/** An answer that is not what its documentation says. */
export function notUnderstood(name: string, { status, headers }: Pick<Answer, "status" | "headers">): ProviderProblem {
  const type = headers.get("content-type")?.split(";")[0]?.trim() || "no type";
  return new ProviderProblem(
    "not_understood",
    `${name} answered with something that is not its API's (status ${status}, ${/^[\w.+/-]{1,60}$/.test(type) ? type : "an odd type"}).`,
    "Where the account has an address of its own, look whether it is the API's; otherwise it may pass.",
  );
}

async function limitedText(name: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > PROVIDER_API_ANSWER_BYTES_MAX) throw notUnderstood(name, response);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
