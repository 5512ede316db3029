import type { Target } from "../../contract/checks.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Region } from "../../contract/verdict.ts";

/** What one attempt needs to know. Headers are in the target, opened. */
export interface ProbeOrder {
  checkId: string;
  target: Exclude<Target, { kind: "heartbeat" }>;
  timeoutMs: DurationMs;
  /** Private, loopback and link-local addresses may be asked: the owner says so. */
  allowsPrivate: boolean;
}

/** What an attempt ran into, from far to near: the further it came, the more it says of the host. */
export const FAILURES = [
  /** The target may not be asked: a redirect led to a forbidden address. */
  "forbidden",
  /** The name does not resolve. */
  "name",
  /** Nothing came back in time before a connection stood, or no route. */
  "unreachable",
  /** The host is there and its port is closed. */
  "refused",
  "tls",
  /** Connected, and then too slow. */
  "timeout",
  /** Connected, and then cut off. */
  "cut",
  /** Not what the protocol says. */
  "protocol",
  "redirects",
  /** An answer, and not the expected one. */
  "status",
  "content",
] as const;
export type Failure = (typeof FAILURES)[number];

/** Milliseconds, as far as the platform tells them apart; null where it does not. */
export interface Phases {
  connectMs: DurationMs | null;
  /** Until the first byte of the answer, from the beginning. */
  firstByteMs: DurationMs | null;
  totalMs: DurationMs;
}

/** What an attempt came to. `words` follow "HTTPS …" or "port 22 …": `answered 200 in 41 ms`, `refused the connection`. */
export type ProbeOutcome = { words: string } & (
  | { kind: "good"; phases: Phases; certificateEndsAt?: EpochMs }
  /** Answered, but not for long: a certificate about to end. */
  | { kind: "warning"; phases: Phases; certificateEndsAt?: EpochMs }
  | { kind: "failed"; failure: Failure; phases: Phases }
  /** Says nothing of the target: no time was left, or the attempt broke on our side. */
  | { kind: "unable" }
);

/** One attempt from one place. */
export type ProbeResult = { checkId: string; at: EpochMs } & ProbeOutcome;

/** Many attempts from one region. */
export interface RegionReport {
  region: Region;
  at: EpochMs;
  results: ProbeResult[];
  /** Everything failed, the controls as well: the region's own network is away, and what failed says nothing. */
  isBlind: boolean;
  /** How long the object was busy, for the meter. */
  busyMs: DurationMs;
}
