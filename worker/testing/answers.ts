import type { Region } from "../../contract/regions.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Failure, ProbeResult } from "../checks/probe.ts";
import type { Answer } from "../checks/round.ts";

/** What a prober says of such a failure. */
export const FAILURE_WORDS: Record<Failure, string> = {
  forbidden: "redirects to 10.0.0.1, which may not be asked",
  name: "found no address for shop.example",
  unreachable: "did not answer within 5 s",
  refused: "refused the connection",
  tls: "certificate is not valid",
  timeout: "did not answer within 5 s",
  cut: "gave no HTTP answer",
  protocol: "does not speak HTTP",
  redirects: "redirects more than 5 times",
  status: "answered 503 in 41 ms",
  content: "body lacks “welcome”",
};

const phases = (totalMs: DurationMs, connectMs: DurationMs | null) => ({ connectMs, firstByteMs: null, totalMs });

/** Results as the prober makes them. */
export const probed = {
  good: (checkId: string, at: EpochMs, ms: DurationMs): ProbeResult => ({
    checkId,
    at,
    kind: "good",
    words: `answered 200 in ${Math.round(ms)} ms`,
    phases: phases(ms, null),
  }),
  warning: (checkId: string, at: EpochMs, ms: DurationMs, words: string): ProbeResult => ({
    checkId,
    at,
    kind: "warning",
    words,
    phases: phases(ms, 10),
  }),
  failed: (
    checkId: string,
    at: EpochMs,
    failure: Failure,
    words = FAILURE_WORDS[failure],
    connectMs: DurationMs | null = null,
  ): ProbeResult => ({ checkId, at, kind: "failed", failure, words, phases: phases(5_000, connectMs) }),
  unable: (checkId: string, at: EpochMs): ProbeResult => ({ checkId, at, kind: "unable", words: "no time was left" }),
};

/** An answer of one region to the check `check:1`. */
export const answer = (region: Region, at: EpochMs, result: ProbeResult | null, isBlind = false): Answer => ({
  region,
  at,
  result,
  isBlind,
});
