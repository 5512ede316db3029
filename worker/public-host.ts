/** Which hosts are on the internet, and which only mean something inside a network. */

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
/**
 * Of IPv6 only what is routed on the internet: without the networks that carry an IPv4 address inside (6to4, and Teredo among what is
 * set aside for protocols, 2001::/23), and without those for documentation.
 */
const PUBLIC_IPV6 = /^\[(?!2002:|2001:(1?[0-9a-f]{0,2}|db8):|3fff:[0-9a-f]{0,3}:)[23][0-9a-f]{3}:/;
/** Names that only mean something inside a network; the metadata services of clouds are among them. */
const PRIVATE_NAME = /\.(internal|local|localhost|lan|home|intranet|corp|private|arpa|onion)$/;

/** A host that stands alone, as it would in a URL: null where none can hold it. An IPv6 address comes without its brackets. */
export function urlOfHost(host: string): URL | null {
  return URL.parse(host.includes(":") ? `http://[${host}]/` : `http://${host}/`);
}

/** A URL's host as it stands alone. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

export function isAddress({ hostname }: URL): boolean {
  return hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Every spelling of an IPv4 address (decimal, hexadecimal, octal) is the dotted one by the time it is in a URL. */
export function isLoopback({ hostname }: URL): boolean {
  const name = hostname.replace(/\.$/, "");
  return name === "localhost" || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** Whether a URL names somewhere on the internet, by its spelling: no name is looked up. */
export function isPublic({ hostname }: URL): boolean {
  const name = hostname.replace(/\.$/, "");
  if (name.startsWith("[")) return PUBLIC_IPV6.test(name);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return !PRIVATE_IPV4.some((range) => range.test(name));
  return name.includes(".") && !PRIVATE_NAME.test(name);
}
