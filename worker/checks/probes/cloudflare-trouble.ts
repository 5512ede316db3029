import type { Failure } from "../probe.ts";

/**
 * On Cloudflare a `fetch` that reaches nobody does not throw: Cloudflare answers in the target's place, with a status of its own
 * (https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/). It also does so to everybody
 * else where it stands in front of the target, and it means the same.
 */
const TROUBLES: Record<number, { failure: Failure; words: string }> = {
  520: { failure: "cut", words: "gave no HTTP answer" },
  521: { failure: "refused", words: "refused the connection" },
  522: { failure: "unreachable", words: "took no connection in time" },
  523: { failure: "unreachable", words: "cannot be reached" },
  524: { failure: "timeout", words: "took the request and did not answer in time" },
  525: { failure: "tls", words: "did not finish the TLS handshake" },
  526: { failure: "tls", words: "certificate is not valid" },
  530: { failure: "unreachable", words: "cannot be reached" },
};
/** Comes with 530. */
const NAME_UNKNOWN = "1016";

/** What Cloudflare's answer says of the target; undefined where the target itself has answered. */
export function cloudflareTrouble(
  status: number,
  headers: Headers,
  text: string,
): { failure: Failure; words: string } | undefined {
  const trouble = TROUBLES[status];
  if (!trouble || headers.get("server")?.toLowerCase() !== "cloudflare") return undefined;
  const code = /\berror code: (\d+)/i.exec(text)?.[1];
  if (code === NAME_UNKNOWN) return { failure: "name", words: `found no address for the name (Cloudflare's ${code})` };
  return { failure: trouble.failure, words: `${trouble.words} (Cloudflare's ${status})` };
}
