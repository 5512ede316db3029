import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Finding, MachineHistory } from "../engine.ts";
import { untilInWords } from "../words/duration.ts";
import { dayInWords, momentInWords } from "../words/moment.ts";
import { countOf, possessive } from "../words/names.ts";
import { bytesInWords, percentInWords } from "../words/quantity.ts";
import { EvidenceList } from "./evidence-list.ts";
import { lastingUntil, severityOf } from "./filling-findings.ts";
import { monthOfTraffic, TRAFFIC_KEYS } from "./month-of-traffic.ts";

const DAY: DurationMs = 86_400_000;

/** The traffic that a plan includes, where it will be used up before the month ends. */
export function trafficFinding({ machine, hourly }: MachineHistory, now: EpochMs): Finding | null {
  const month = machine.bandwidth && monthOfTraffic(hourly, machine.bandwidth, now);
  if (!month) return null;
  const { at, earliestAt, latestAt, usedBytes, allowedBytes, bytesPerDay, monthEndsAt, error, tries } = month;
  const evidence = new EvidenceList();
  const used = evidence.add(
    `${machine.name} has used ${bytesInWords(usedBytes)} of the ${bytesInWords(allowedBytes)} of traffic that its plan includes this month, as its provider counts.`,
    { machine, value: usedBytes, to: machine.bandwidth!.at },
  );
  const pace = evidence.add(
    `${machine.name} uses ${bytesInWords(bytesPerDay)} of it a day, by the mean of the last 14 days.`,
    { machine, value: bytesPerDay, from: now - 14 * DAY, to: now },
  );
  const isOver = at <= now;
  const interval =
    latestAt === null
      ? `at the earliest ${momentInWords(earliestAt, now)}; it may also last`
      : `between ${momentInWords(earliestAt, now)} and ${momentInWords(latestAt, now)}`;
  const claims: Finding["claims"] = [
    isOver
      ? {
          text: `${machine.name} has used ${bytesInWords(usedBytes)} of traffic this month; ${bytesInWords(allowedBytes)} are included.`,
          evidence: [used],
        }
      : {
          text: `At its pace of ${bytesInWords(bytesPerDay)} a day, the traffic included is used up about ${momentInWords(at, now)}: ${interval}. The month ends on ${dayInWords(monthEndsAt - 1, now)}.`,
          evidence: [used, pace],
        },
  ];
  const tried = `On ${countOf(tries, "day")} of its past the same reckoning was off by at most ${percentInWords(error)} in 19 of 20 cases.`;
  claims.push({ text: tried, evidence: [evidence.add(tried, { machine, value: error })] });
  // As wide as its error: what is off by half of itself is half as sure.
  const confidence = isOver ? 1 : Math.max(0, Math.min(1, 1 - error));
  return {
    key: `prediction bandwidth ${machine.id}`,
    kind: "prediction",
    severity: isOver ? "warning" : severityOf(at - now, confidence),
    title: isOver
      ? `${possessive(machine.name)} traffic of the month is used up`
      : `${possessive(machine.name)} traffic of the month will be used up ${untilInWords(at - now, Math.max(0, earliestAt - now), latestAt === null ? null : latestAt - now)}`,
    claims,
    actions: [`Look for what sends so much on ${machine.name}, and at what its provider charges beyond the plan.`],
    subjects: [{ id: machine.id, name: machine.name }],
    metrics: [...TRAFFIC_KEYS],
    confidence,
    basis: "How far the same reckoning was off on its own past; the month taken as the calendar's, in UTC",
    evidence: evidence.rows,
    chart: {
      subjects: [machine.id],
      metrics: [...TRAFFIC_KEYS],
      from: now - 14 * DAY,
      to: now,
      limit: null,
      band: null,
      spans: [],
    },
    at,
    earliestAt,
    latestAt,
    monthlySaving: null,
    lastsMs: lastingUntil(Math.max(0, at - now)),
  };
}
