import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { ChannelProblem, type Surroundings } from "./channel.ts";

/** What a provider's API answered, whole. `json` is undefined where the body is none. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
  /** Not before so long from now, where it says so. */
  retryAfterMs: DurationMs | undefined;
}

/** Real ones are a few hundred bytes. */
const BYTES_MAX = 64_000;

/** Asks once; throws a passing {@link ChannelProblem} where there is no answer, and lets one pass that `surroundings.fetch` has made. */
export async function replyTo(
  { fetch, now }: Pick<Surroundings, "fetch" | "now">,
  name: string,
  url: string,
  init: RequestInit,
): Promise<Reply> {
  try {
    const response = await fetch(url, init);
    const text = await limitedText(response);
    const { status, headers } = response;
    return { status, headers, text, json: jsonOf(text), retryAfterMs: retryAfterOf(headers, now) };
  } catch (error) {
    if (error instanceof ChannelProblem) throw error;
    throw new ChannelProblem(`${name} did not answer, or broke off. It is tried again.`, { isPermanent: false });
  }
}

/** What a provider says in its answer, fit to be shown: one line, and not a page of it. */
export function said(text: unknown): string {
  const line =
    typeof text === "string"
      ? text
          .replace(/\p{Bidi_Control}/gu, "")
          .replace(/[\s\p{Cc}]+/gu, " ")
          .trim()
      : "";
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** Where nothing better is known: too often and trouble of its own may pass, a refusal does not. */
export function refusedFor(name: string, { status, retryAfterMs }: Reply, why: string): ChannelProblem {
  const says = why === "" ? `status ${status}` : `status ${status}: ${why}`;
  if (status === 429) {
    return passing(`${name} says that it was asked too often (${says}). It is tried again.`, retryAfterMs);
  }
  if (status === 408 || status >= 500) {
    return passing(`${name} has a problem of its own (${says}). It is tried again.`, retryAfterMs);
  }
  if (status < 400) {
    return permanent(
      `${name} answered with something that is not its API's (${says}). Look whether the address is right.`,
    );
  }
  return permanent(`${name} refused it (${says}). Look whether what is entered for this channel is right.`);
}

export function permanent(message: string): ChannelProblem {
  return new ChannelProblem(message, { isPermanent: true });
}

export function passing(message: string, retryAfterMs?: DurationMs): ChannelProblem {
  return new ChannelProblem(message, { isPermanent: false, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

/** Seconds, or a date. */
function retryAfterOf(headers: Headers, now: EpochMs): DurationMs | undefined {
  const text = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    chunks.push(chunk);
    if (bytes > BYTES_MAX) break;
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
