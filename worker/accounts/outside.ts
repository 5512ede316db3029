import { PROVIDER_ANSWER_BYTES_MAX, OUTSIDE_TIMEOUT_MS } from "../settings.ts";
import { isAllowedAddress } from "./issuer.ts";

/** What is wrong with somebody else's server, as a sentence of ours: nothing the server said is repeated. */
export class OutsideProblem extends Error {}

/**
 * Asks somebody else's server: only where it may be asked, not following it elsewhere, not longer and not for more than is good.
 * The whole answer is here when this returns, so that one which stops in the middle stops here.
 */
export function outside(origin: string) {
  return async (
    address: string,
    init: { method?: string; headers?: HeadersInit; body?: BodyInit | null | undefined } = {},
  ) => {
    if (!isAllowedAddress(new URL(address), origin))
      throw new OutsideProblem("It names an address that may not be asked.");
    const signal = AbortSignal.timeout(OUTSIDE_TIMEOUT_MS);
    let response: Response | undefined;
    try {
      const { method, headers, body } = init;
      response = await fetch(address, {
        ...(method && { method }),
        ...(headers && { headers }),
        ...(body != null && { body }),
        redirect: "manual",
        signal,
      });
      const text = await limitedText(response);
      const hasNone = [101, 204, 205, 304].includes(response.status);
      return new Response(hasNone ? null : text, { status: response.status, headers: response.headers });
    } catch (error) {
      if (error instanceof OutsideProblem) throw error;
      if (signal.aborted) throw new OutsideProblem(`It did not answer within ${OUTSIDE_TIMEOUT_MS / 1_000} seconds.`);
      throw new OutsideProblem(response ? "Its answer broke off." : "It cannot be reached.");
    }
  };
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > PROVIDER_ANSWER_BYTES_MAX) throw new OutsideProblem("Its answer is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Why it was refused, for the audit log: the library's words and our own, never a stranger's. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { error: code } = error as { error?: unknown };
  const said = typeof code === "string" && /^[a-z_]{1,40}$/.test(code) ? ` (${code})` : "";
  return `${error.message.slice(0, 200)}${said}`;
}
