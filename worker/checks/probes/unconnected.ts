import { isAddress, isPublic, urlOfHost } from "../../public-host.ts";
import { isCloudflareAddress } from "../cloudflare-address.ts";
import type { Phases, ProbeOutcome } from "../probe.ts";
import { resolvesPrivately, type ResolveAddresses, type TargetRules } from "../target.ts";
import { failed, unable } from "./outcome.ts";

/** What it means that no connection came about, found out by what the host's name leads to. */
export async function unconnected(
  host: string,
  phases: Phases,
  { allowsPrivate }: TargetRules,
  resolve: ResolveAddresses,
): Promise<ProbeOutcome> {
  const url = urlOfHost(host);
  // A name that means something inside a network only is not known to a resolver on the internet.
  if (!url || isAddress(url) || !isPublic(url)) return refused(phases);
  const addresses = await resolve(host);
  if (!addresses) return failed("unreachable", "took no connection", phases);
  if (addresses.length === 0) return failed("name", `found no address for ${host}`, phases);
  if (addresses.some(isCloudflares) && !allowsPrivate) {
    return unable(`could not be tried: ${host} leads to Cloudflare, which lets no Worker connect there`);
  }
  const inside = await resolvesPrivately(host, () => Promise.resolve(addresses));
  if (inside && !allowsPrivate) {
    return failed("forbidden", `was not tried: ${host} leads to ${inside}, inside a private network`, phases);
  }
  return refused(phases);
}

function refused(phases: Phases): ProbeOutcome {
  return failed("refused", "refused the connection", phases);
}

function isCloudflares(address: string): boolean {
  const url = urlOfHost(address);
  return url !== null && isCloudflareAddress(url);
}
