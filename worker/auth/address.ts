import type { Context } from "hono";

/** Where everybody is whose address nobody tells: locally, without Cloudflare in front. */
export const NO_ADDRESS = "local";

/** The address a request came from, as Cloudflare saw it; null where nobody tells. */
export function addressOf(c: Context): string | null {
  return c.req.header("cf-connecting-ip")?.slice(0, 45) ?? null;
}

/**
 * What counts as one sender when requests are counted: an IPv4 address, or the /64 network of an IPv6 one, which is what one
 * customer gets and can change addresses in as they like.
 */
export function senderOf(c: Context): string {
  const address = addressOf(c);
  if (address === null) return NO_ADDRESS;
  return address.includes(":") ? networkOf(address) : address;
}

function networkOf(address: string): string {
  const [head = "", tail] = address.toLowerCase().split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail ? tail.split(":") : [];
  const gap = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array.from({ length: gap }, () => "0"), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
