import type { HttpAnswer, HttpRequest } from "./http-answer.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The request to go on with, by the rules of browsers (Fetch, "HTTP-redirect fetch"); undefined where the answer is none that sends on.
 * To another origin goes nothing that was meant for this one: no header of the check, and no body.
 */
export function redirected(
  { url, method, headers, body }: HttpRequest,
  answer: Pick<HttpAnswer, "status" | "headers">,
): HttpRequest | "carries a body elsewhere" | undefined {
  const location = answer.headers.get("location");
  if (!REDIRECTS.has(answer.status) || location === null) return undefined;
  const next = URL.parse(location, url.href);
  if (!next) return undefined;
  const isChanged = answer.status === 303 ? method !== "HEAD" : method === "POST" && answer.status < 303;
  const isElsewhere = next.origin !== url.origin;
  if (isElsewhere && body !== null && !isChanged) return "carries a body elsewhere";
  return {
    url: next,
    method: isChanged ? "GET" : method,
    headers: isElsewhere ? new Headers({ "user-agent": headers.get("user-agent") ?? "" }) : headers,
    body: isChanged ? null : body,
  };
}
