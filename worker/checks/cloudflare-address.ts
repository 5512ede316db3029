import { BlockList } from "node:net";
import { hostOf, isAddress } from "../public-host.ts";

/**
 * Cloudflare's own networks (https://www.cloudflare.com/ips/) and its resolvers. A Worker's `connect()` is turned away there with the
 * words of a refused connection, and so is everything that Cloudflare stands in front of: that says nothing of the target.
 */
const NETWORKS = [
  ["173.245.48.0", 20],
  ["103.21.244.0", 22],
  ["103.22.200.0", 22],
  ["103.31.4.0", 22],
  ["141.101.64.0", 18],
  ["108.162.192.0", 18],
  ["190.93.240.0", 20],
  ["188.114.96.0", 20],
  ["197.234.240.0", 22],
  ["198.41.128.0", 17],
  ["162.158.0.0", 15],
  ["104.16.0.0", 13],
  ["104.24.0.0", 14],
  ["172.64.0.0", 13],
  ["131.0.72.0", 22],
  ["1.1.1.0", 24],
  ["1.0.0.0", 24],
  ["2400:cb00::", 32],
  ["2606:4700::", 32],
  ["2803:f800::", 32],
  ["2405:b500::", 32],
  ["2405:8100::", 32],
  ["2a06:98c0::", 29],
  ["2c0f:f248::", 32],
] as const;

const cloudflare = new BlockList();
for (const [network, prefix] of NETWORKS) cloudflare.addSubnet(network, prefix, familyOf(network));

/** Of a URL whose host is an address. */
export function isCloudflareAddress(url: URL): boolean {
  if (!isAddress(url)) return false;
  const address = hostOf(url);
  return cloudflare.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
