import { isIP } from "node:net";
import type { Target } from "../../contract/checks.ts";

/**
 * What somebody means who gives an address and nothing else: a URL is asked as it stands, a port is knocked at, and a bare name or
 * address is taken for a web server's.
 */
export function targetOfAddress(address: string): Target {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) return httpTarget(address);
  const [, host = "", port] = /^(\[[^\]]+\]|[^:/]+):(\d{1,5})$/.exec(address) ?? [];
  if (port !== undefined) return { kind: "tcp", host: host.replace(/^\[|\]$/g, "").toLowerCase(), port: Number(port) };
  const bare = address.replace(/^\[|\]$/g, "");
  if (isIP(bare) === 6) return httpTarget(`http://[${bare}]/`);
  return httpTarget(`${isIP(bare) === 4 ? "http" : "https"}://${address}`);
}

/** An HTTP target of which nothing is said but its URL. */
export function httpTarget(url: string, expectStatus: [number, number][] = [[200, 399]]): Target & { kind: "http" } {
  return { kind: "http", url, method: "GET", body: null, expectStatus, keyword: null, json: null, redirects: "follow" };
}
