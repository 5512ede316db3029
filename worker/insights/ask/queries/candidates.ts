import type { AskMetric } from "../../../../contract/ask.ts";
import type { SeriesKey } from "../../../../contract/metric.ts";
import { fact, say, type Said } from "../../brief/part.ts";
import { countInWords } from "../../words/quantity.ts";
import { WINDOW_SUBJECTS_MAX, type KnownCheck, type KnownInstance } from "../ask-reader.ts";
import { HOUR_MS } from "../calendar.ts";
import { ASKED_METRICS } from "../metrics.ts";
import type { Span } from "../times.ts";
import { worstFirst, type Scope } from "./query.ts";

/**
 * History is read of so many for one step: 50 instances over a month are some 1,000 blocks and 36,000 hours, a tenth of a second of work;
 * of a longer time it is read of fewer. Of more than that those are chosen whose last reading is the highest or the lowest, which the
 * shard knows of all of them.
 */
const HOURS_READ_MAX = 150_000;
const CANDIDATES_LEAST = 10;

function candidatesMax({ from, to }: Span): number {
  const fitting = Math.floor(HOURS_READ_MAX / ((to - from) / HOUR_MS));
  return Math.min(WINDOW_SUBJECTS_MAX, Math.max(CANDIDATES_LEAST, fitting));
}

/** What of an instance's last sample stands for a metric; the fleet's samples do not carry every series. */
const LATEST: Partial<Record<AskMetric, SeriesKey>> = {
  cpu: "cpu_busy_ratio",
  memory: "memory_used_ratio",
  disk: "filesystem_used_ratio",
  load: "load_1m",
  network_in: "network_receive_bytes_per_second",
  network_out: "network_transmit_bytes_per_second",
};

export type Candidate = Pick<KnownInstance, "id" | "name">;

interface Candidates {
  chosen: readonly Candidate[];
  /** Says that it was not all of them; none where it was. */
  cut: Said[];
}

export function candidatesFor(metric: AskMetric, order: "most" | "least", scope: Scope, span: Span): Candidates {
  const max = candidatesMax(span);
  const { of } = ASKED_METRICS[metric];
  if (of === "check")
    return chosenOf(
      scope.checks.filter(isAsked(metric)).sort(worstFirst),
      "checks",
      "in the order of their state",
      max,
    );
  const sending = scope.instances.filter(({ intervalMs }) => intervalMs > 0);
  const key = LATEST[metric];
  const reading = ({ latest }: KnownInstance) => (key === undefined ? undefined : latest[key]);
  const sign = order === "most" ? -1 : 1;
  const sorted = sending.toSorted((a, b) => {
    const [one, other] = [reading(a), reading(b)];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
    return sign * (one - other);
  });
  const isByReading = sorted[0] !== undefined && reading(sorted[0]) !== undefined;
  const why = isByReading
    ? `whose last reading was the ${order === "most" ? "highest" : "lowest"}`
    : "in the order of their names";
  return chosenOf(sorted, "instances", why, max);
}

function chosenOf(all: readonly Candidate[], what: string, why: string, max: number): Candidates {
  const chosen = all.slice(0, max);
  if (chosen.length === all.length) return { chosen, cut: [] };
  const [some, of] = [countInWords(chosen.length), countInWords(all.length)];
  const known = fact(`History was read of ${some} of ${of} ${what}: those ${why}.`, { value: chosen.length });
  return {
    chosen,
    cut: [
      say(`This is from the history of ${some} of ${of} ${what}, those ${why}; the others were not looked at.`, known),
    ],
  };
}

/** Only what is fetched has a certificate, and a job that calls has no response time. */
const isAsked =
  (metric: AskMetric) =>
  ({ kind, isPaused }: KnownCheck) =>
    !isPaused && (metric === "certificate" ? kind === "http" || kind === "tls" : kind !== "heartbeat");
