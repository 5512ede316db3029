import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Finding } from "./judgement.ts";
import { heardOf, responseMsOf, type Answer } from "./round.ts";
import type { HealthCheckRow } from "./table.ts";
import type { RoundFinding } from "./verdict.ts";

/** A round as a sample of its check's series: what could not be told is absent, never zero. */
export function observationOf(
  { id }: Pick<HealthCheckRow, "id">,
  answers: readonly Answer[],
  found: Finding | RoundFinding,
  now: EpochMs,
): { subject: string; at: EpochMs; metrics: Readings } {
  const metrics: Readings = {};
  if (found.verdict !== "unsure") {
    metrics["check_up"] = found.verdict === "down" ? 0 : 1;
    metrics["check_degraded"] = found.verdict === "degraded" ? 1 : 0;
  }
  if ("responseMs" in found && found.responseMs !== null) metrics["check_response_seconds"] = found.responseMs / 1_000;
  for (const answer of answers) {
    const heard = heardOf(answer);
    if (heard === "good" || heard === "failed") metrics[`probe_up:${answer.region}`] = heard === "good" ? 1 : 0;
    const responseMs = responseMsOf(answer);
    if (responseMs !== null) metrics[`probe_response_seconds:${answer.region}`] = responseMs / 1_000;
    const { result } = answer;
    if (result && "certificateEndsAt" in result && result.certificateEndsAt !== undefined)
      metrics["certificate_left_seconds"] = Math.max(0, Math.round((result.certificateEndsAt - now) / 1_000));
  }
  return { subject: id, at: now, metrics };
}
