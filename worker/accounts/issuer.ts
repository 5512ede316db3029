import { isLoopback, isPublic } from "../public-host.ts";

/** Which addresses of others this Nephos may ask, and send browsers to. */

/**
 * HTTPS to somewhere on the internet; and, where Nephos itself is asked on this very machine, this machine, also by plain HTTP.
 */
export function isAllowedAddress(url: URL, origin: string): boolean {
  if (url.username !== "" || url.password !== "") return false;
  if (isLoopback(url)) return /^https?:$/.test(url.protocol) && isLoopback(new URL(origin));
  return url.protocol === "https:" && isPublic(url);
}

/** An issuer is an address without a query and without a fragment (OpenID Connect Discovery, section 2). */
export function isAllowedIssuer(issuer: string, origin: string): boolean {
  const url = URL.parse(issuer);
  // `href` keeps a `?` or `#` that has nothing after it; `search` and `hash` do not.
  return url !== null && !/[?#]/.test(url.href) && isAllowedAddress(url, origin);
}
