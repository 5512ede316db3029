import type { Target } from "../../contract/checks.ts";
import { REGIONS, type Region } from "../../contract/regions.ts";
import type { DurationMs } from "../../contract/units.ts";

/** The words that reasons and witnesses are made of. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a probe's words follow: `HTTPS` answered 200, `port 22` refused the connection. */
export function subjectOf(target: Target): string {
  switch (target.kind) {
    case "http":
      return /^https:/i.test(target.url) ? "HTTPS" : "HTTP";
    case "tcp":
      return `port ${target.port}`;
    case "tls":
      return "TLS";
    case "dns":
      return "DNS";
    case "heartbeat":
      return "the job";
  }
}

/** How long something has lasted, in one unit and never too long: `90 s`, `7 min`, `26 h`, `3 days`. */
export function lasting(span: DurationMs): string {
  const ms = Math.max(0, span);
  if (ms < 2 * MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} days`;
}

/** How long an answer took, or may take: `41 ms`, `1.4 s`. */
export function responseTime(ms: DurationMs): string {
  return ms < SECOND ? `${Math.round(ms)} ms` : `${Number((ms / SECOND).toFixed(1))} s`;
}

/** `Western Europe`, `Africa, Oceania and Middle East`. */
export function placeNames(regions: readonly Region[]): string {
  return inOneBreath(regions.map((region) => REGIONS[region]));
}

function inOneBreath(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** A sentence without what changes while nothing happens: how long, how slow, and how many regions were heard. */
export function withoutFigures(sentence: string): string {
  return sentence
    .replace(/\d+ of \d+ regions(?:, failed otherwise from \d+)?/g, "regions")
    .replace(/\d+(?:\.\d+)? (?:ms|s|min|h|days?)\b/g, "a while");
}
