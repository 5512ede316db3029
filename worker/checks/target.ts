import type { Target } from "../../contract/checks.ts";
import { isAddress, isPublic, urlOfHost } from "../public-host.ts";
import { isCloudflareAddress } from "./cloudflare-address.ts";

/** Which targets may be asked, by their spelling; and what a name leads to. */

/** `field` as the API names it: `target.url`. */
export interface TargetRefusal {
  field: string;
  message: string;
  remedy: string;
}

export interface TargetRules {
  /** Private, loopback and link-local addresses may be asked: the owner says so. */
  allowsPrivate: boolean;
}

/** Why a target may not be asked; undefined where it may. */
export function refusedTarget(target: Target, rules: TargetRules): TargetRefusal | undefined {
  switch (target.kind) {
    case "http":
      return refusedUrl("target.url", target.url, ["http:", "https:"], rules) ?? refusedSocket(target.url, rules);
    case "tcp":
    case "tls":
      return refusedHost(target.host, rules) ?? refusedPort("target.port", target.port);
    case "dns":
      return refusedName(target.name) ?? refusedResolver(target.resolver, rules);
    case "heartbeat":
      return undefined;
  }
}

function refusedUrl(
  field: string,
  address: string,
  protocols: readonly string[],
  rules: TargetRules,
): TargetRefusal | undefined {
  const url = URL.parse(address);
  if (!url || !protocols.includes(url.protocol)) {
    const allowed = protocols.map((protocol) => `${protocol}//`).join(" or ");
    return { field, message: `It is no address that begins with ${allowed}.`, remedy: "Enter the whole address." };
  }
  if (url.username !== "" || url.password !== "") {
    return {
      field,
      message: "It holds a user name or a password, which would be shown to everybody who sees this check.",
      remedy: "Send them in a header: headers are kept sealed and never shown.",
    };
  }
  return refusedPlace(field, url, rules) ?? refusedPort(field, Number(url.port));
}

function refusedHost(host: string, rules: TargetRules): TargetRefusal | undefined {
  const url = urlOfHost(host);
  if (!url) {
    return { field: "target.host", message: "It is no hostname and no IP address.", remedy: "Look at its spelling." };
  }
  return refusedPlace("target.host", url, rules) ?? refusedCloudflare("target.host", url, rules);
}

function refusedPlace(field: string, url: URL, { allowsPrivate }: TargetRules): TargetRefusal | undefined {
  if (allowsPrivate || isPublic(url)) return undefined;
  return {
    field,
    message: `${url.hostname} is inside a private network or on a machine itself, not on the internet.`,
    remedy:
      "Enter a public name or address. Where Nephos runs inside that network, its owner can allow private targets.",
  };
}

/** Of a URL only where its host is an address: a name is asked with `fetch`, which reaches what Cloudflare stands in front of. */
function refusedSocket(address: string, rules: TargetRules): TargetRefusal | undefined {
  return refusedCloudflare("target.url", new URL(address), rules);
}

/** Who allows private targets runs Nephos at home, where this limit of Cloudflare is none. */
function refusedCloudflare(field: string, url: URL, { allowsPrivate }: TargetRules): TargetRefusal | undefined {
  if (allowsPrivate || !isCloudflareAddress(url)) return undefined;
  return {
    field,
    message: `${url.hostname} is an address of Cloudflare, to which Cloudflare lets no Worker connect.`,
    remedy: "Make it an HTTP check of the name that it serves.",
  };
}

function refusedPort(field: string, port: number): TargetRefusal | undefined {
  if (port !== 25) return undefined;
  return {
    field,
    message: "Cloudflare lets no Worker connect to port 25.",
    remedy: "Look at the port on which the same server takes mail from its users: 465 or 587.",
  };
}

function refusedName(name: string): TargetRefusal | undefined {
  const url = urlOfHost(name);
  if (url && !isAddress(url)) return undefined;
  return { field: "target.name", message: "It is no name.", remedy: "Enter a name as it stands in DNS." };
}

function refusedResolver(resolver: string, rules: TargetRules): TargetRefusal | undefined {
  const field = "target.resolver";
  const protocols = rules.allowsPrivate ? ["https:", "http:"] : ["https:"];
  const refusal = refusedUrl(field, resolver, protocols, rules);
  if (refusal || rules.allowsPrivate || !isAddress(new URL(resolver))) return refusal;
  return {
    field,
    message: "Cloudflare lets no Worker fetch from an IP address.",
    remedy: "Enter the resolver's name: https://cloudflare-dns.com/dns-query, https://dns.google/resolve.",
  };
}

/** Looks a name up: its addresses, or undefined where that could not be found out. */
export type ResolveAddresses = (name: string) => Promise<string[] | undefined>;

/** The address inside a private network that a name leads to, if it does. What cannot be looked up is not held against it. */
export async function resolvesPrivately(host: string, resolve: ResolveAddresses): Promise<string | undefined> {
  const url = urlOfHost(host);
  if (!url || isAddress(url)) return undefined;
  return (await resolve(host))?.find((address) => !isPublicAddress(address));
}

/** Of an address as DNS answers it. */
function isPublicAddress(address: string): boolean {
  const url = urlOfHost(address);
  return url !== null && isPublic(url);
}
