/**
 * What can be looked at, and how it is looked at where nothing else is said. No schema here: the dashboard takes this file and
 * stays small.
 */

export const CHECK_KINDS = ["http", "tcp", "tls", "dns", "heartbeat"] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** How often a new check looks, how long it waits, and from when an answer is slow. */
export const CHECK_DEFAULTS = {
  intervalMs: 120_000,
  timeoutMs: 5_000,
  slowMs: 1_000,
  badMs: 3_000,
} as const;

/** What a target is taken to mean where it does not say. */
export const TARGET_DEFAULTS = {
  http: { method: "GET", redirects: "follow" },
  tls: { port: 443, warnDays: 14 },
  dns: { type: "A", resolver: "https://cloudflare-dns.com/dns-query" },
  heartbeat: { graceMs: 300_000 },
} as const;

export const HTTP_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
export const DNS_TYPES = ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SOA", "CAA"] as const;
