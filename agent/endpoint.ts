/** Where samples go, where an enrolment token is exchanged, and a token that came with the address. */
export interface Endpoint {
  ingestUrl: string;
  /** Where the socket is opened. Written as http, for it begins as a request. */
  agentUrl: string;
  enrolUrl: string;
  token?: string;
}

/**
 * What an operator may paste as the endpoint: the address of Nephos, with or without `/ingest` or `/ingest/vultr`, with or
 * without `?token=`. The agent speaks its own protocol on a socket at `<address>/agent` or posts it
 * to `<address>/ingest`, and enrols at `<address>/enrol`. Answers a
 * complaint where it cannot be used.
 */
export function parseEndpoint(text: string, isHttpAllowed: boolean): Endpoint | { complaint: string; remedy: string } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { complaint: "is not an address", remedy: "Write it whole, as https://nephos.example.workers.dev." };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { complaint: `uses ${url.protocol}//`, remedy: "Write an address that starts with https://." };
  }
  if (url.username || url.password) {
    return { complaint: "holds a user name or password", remedy: "Leave them out; put the token in NEPHOS_TOKEN." };
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !isHttpAllowed) {
    return {
      complaint: "uses plain http://, so that the token would travel in the clear",
      remedy: "Write https://, or set NEPHOS_ALLOW_HTTP=1 if the network in between is your own.",
    };
  }
  const base = url.origin + url.pathname.replace(/\/+$/, "").replace(/\/ingest(\/vultr)?$/, "");
  const token = url.searchParams.get("token");
  return {
    ingestUrl: `${base}/ingest`,
    agentUrl: `${base}/agent`,
    enrolUrl: `${base}/enrol`,
    ...(token ? { token } : {}),
  };
}

/** The address is already in its normal form: a number written oddly has become dotted. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
