/** Which addresses of others this Nephos may ask, and send browsers to. */

const PRIVATE_IPV4 = [
  /^0\./,
  /^10\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^127\./,
  // Link-local: where clouds keep the credentials of their machines.
  /^169\.254\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^192\.0\.[02]\./,
  /^192\.168\./,
  /^198\.(1[89]|51\.100)\./,
  /^203\.0\.113\./,
  /^(22[4-9]|2[3-5]\d)\./,
];
/** Of IPv6 only what is routed on the internet, without the networks that carry an IPv4 address inside (Teredo, 6to4). */
const PUBLIC_IPV6 = /^\[(?!2002:|2001:(0{0,4}|db8):)[23][0-9a-f]{3}:/;
/** Names that only mean something inside a network; the metadata services of clouds are among them. */
const PRIVATE_NAME = /\.(internal|local|localhost|lan|home|intranet|corp|private|arpa|onion)$/;

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

/** Every spelling of an IPv4 address (decimal, hexadecimal, octal) is the dotted one by the time it is in a URL. */
export function isLoopback({ hostname }: URL): boolean {
  const name = hostname.replace(/\.$/, "");
  return name === "localhost" || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

function isPublic({ hostname }: URL): boolean {
  const name = hostname.replace(/\.$/, "");
  if (name.startsWith("[")) return PUBLIC_IPV6.test(name);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return !PRIVATE_IPV4.some((range) => range.test(name));
  return name.includes(".") && !PRIVATE_NAME.test(name);
}
