import { TimeUp } from "./deadline.ts";
import type { HttpAnswer, HttpRequest } from "./http-answer.ts";
import { CutOff } from "./incoming.ts";
import { isPlatformLimit } from "./platform-limit.ts";
import type { Progress } from "./progress.ts";

/** The platform gave no answer, and does not say why: a closed port, a bad certificate and a reset are the same to it. */
export class NoAnswer extends Error {}

/** What is not read of the answer is cancelled, which frees its connection. */
export async function askByFetch<Value>(
  { url, method, headers, body }: HttpRequest,
  progress: Progress,
  signal: AbortSignal,
  use: (answer: HttpAnswer) => Promise<Value>,
): Promise<Value> {
  let response: Response;
  try {
    response = await fetch(url, { method, headers, body, signal, redirect: "manual", cache: "no-store" });
  } catch (error) {
    if (error instanceof TimeUp || isPlatformLimit(error)) throw error;
    throw new NoAnswer("no answer", { cause: error });
  }
  progress.answered();
  try {
    return await use({ status: response.status, headers: response.headers, chunks: chunksOf(response) });
  } finally {
    response.body?.cancel().catch(() => undefined);
  }
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (!body) return;
  try {
    yield* body as ReadableStream<Uint8Array>;
  } catch (error) {
    throw error instanceof TimeUp ? error : new CutOff("it broke off", { cause: error });
  }
}
