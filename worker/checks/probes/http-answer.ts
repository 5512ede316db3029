import { hostOf } from "../../public-host.ts";
import type { Endpoint } from "./socket.ts";

/** One request of a check, as it goes out. */
export interface HttpRequest {
  url: URL;
  method: string;
  headers: Headers;
  body: string | null;
}

/** What came back, with a body that is yet to be read: `chunks` throw `CutOff` where it stops in the middle. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  chunks: AsyncIterable<Uint8Array>;
}

/** Whom a URL is asked of. */
export function endpointOf(url: URL): Endpoint {
  return { host: hostOf(url), port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}

/** What has no body, whatever its headers say (RFC 9110, section 6.4.1). */
export function isBodiless(method: string, status: number): boolean {
  return method === "HEAD" || status < 200 || status === 204 || status === 304;
}
