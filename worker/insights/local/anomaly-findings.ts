import type { AnomalySpan } from "../../../contract/insights.ts";
import type { SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { MachineHistory } from "../engine.ts";
import { lengthInWords } from "../words/duration.ts";
import { momentInWords, windowInWords } from "../words/moment.ts";
import { nounOf } from "../words/metric-noun.ts";
import { countOf, namesInWords, possessive, sentence } from "../words/names.ts";
import { readingInWords } from "../words/quantity.ts";
import { EvidenceList } from "./evidence-list.ts";
import type { Weighed } from "./few.ts";
import { acrossMachines, eventsOf, isSure, MANY, stoodOut, TOLD_FOR_MS, type Event, type Stood } from "./stood-out.ts";
import { bySeries, familyOf } from "./worth-telling.ts";

const MINUTE: DurationMs = 60_000;
const HOUR: DurationMs = 60 * MINUTE;
const DAY: DurationMs = 24 * HOUR;
/** It goes on where it was seen within so long. */
const GOES_ON_MS: DurationMs = 15 * MINUTE;
const LONG_MS: DurationMs = 6 * HOUR;
/** Of many machines, so many have a row each. */
const EVIDENCE_SHOWN = 12;

/** What stood out: several metrics of one machine at one time are one finding, and so is one metric of several machines. */
export function anomalyFindings(histories: readonly MachineHistory[], now: EpochMs): Weighed[] {
  const events = histories.flatMap((history) => eventsOf(stoodOut(history, now)));
  const groups = acrossMachines(events);
  const grouped = new Set(groups.flat().map(({ event }) => event));
  return [
    ...groups.map((group) =>
      groupFinding(
        group.map(({ one }) => one),
        now,
      ),
    ),
    ...events.filter((event) => !grouped.has(event) && isSure(event)).map((event) => finding(event, now)),
  ];
}

function finding({ machine, from, to, stood }: Event, now: EpochMs): Weighed {
  const evidence = new EvidenceList();
  const best = bestOfEach(stood);
  const [first] = best as [Stood];
  const goesOn = to >= now - GOES_ON_MS;
  const claims = best.slice(0, 8).map((one) => ({ text: inWords(one, goesOn), evidence: [evidenceOf(evidence, one)] }));
  const restart = machine.bootAt;
  if (restart !== null && restart >= from - 10 * MINUTE && restart <= to + 10 * MINUTE) {
    const words = `${machine.name} was started anew on ${momentInWords(restart, now)}.`;
    claims.push({ text: words, evidence: [evidence.add(words, { machine, from: restart, to: restart })] });
  }
  const families = new Set(best.map(({ span }) => familyOf(span.metric))).size;
  const peak = best.reduce((most, one) => (one.span.score > most.span.score ? one : most));
  const metrics = best.map(({ span }) => span.metric);
  return {
    weight: peak.span.score + 0.2 * (families - 1) + Math.min(0.3, (to - from) / DAY) + (goesOn ? 0.3 : 0),
    finding: {
      key: `anomaly ${machine.id} ${minuteOf(from)}`,
      kind: "anomaly",
      severity: families >= MANY || to - from >= LONG_MS ? "warning" : "info",
      title:
        best.length === 1
          ? `${possessive(machine.name)} ${nounOf(first.span.metric)} ${goesOn ? "is" : "was"} unusually ${first.isHigh ? "high" : "low"}: ${readingInWords(first.span.metric, first.span.value)}`
          : `${possessive(machine.name)} ${namesInWords(metrics.map(nounOf), 3)} ${goesOn ? "are" : "were"} unusual at the same time`,
      claims,
      actions: [actionFor(machine.name, from, to, goesOn)],
      subjects: [{ id: machine.id, name: machine.name }],
      metrics,
      confidence: bounded(peak.span.score),
      basis: "How rare such a reading is among those of this series before it",
      evidence: evidence.rows,
      chart: {
        subjects: [machine.id],
        metrics: metrics.slice(0, 4),
        ...around(from, to, now),
        limit: null,
        band: null,
        spans: best.slice(0, 8).map(({ span }) => span),
      },
      at: peak.span.peakAt,
      earliestAt: null,
      latestAt: null,
      monthlySaving: null,
      lastsMs: Math.max(HOUR, to + TOLD_FOR_MS - now),
    },
  };
}

function groupFinding(stood: readonly Stood[], now: EpochMs): Weighed {
  const byMachine = [...Map.groupBy(stood, ({ machine }) => machine.id).values()].map((all) => bestOfEach(all)[0]!);
  const order = byMachine.toSorted((a, b) => (a.machine.id < b.machine.id ? -1 : 1));
  const from = Math.min(...order.map(({ span }) => span.from));
  const to = Math.max(...order.map(({ span }) => span.to));
  const peak = order.reduce((most, one) => (one.span.score > most.span.score ? one : most));
  const metric = peak.span.metric;
  const goesOn = to >= now - GOES_ON_MS;
  const level = peak.isHigh ? "high" : "low";
  const evidence = new EvidenceList();
  const all = evidence.add(
    `${sentence(nounOf(metric))} was unusually ${level} on ${countOf(order.length, "instance")}; from when it began on the first to when it was last seen: ${windowInWords(from, to)}.`,
    { metric, from, to },
  );
  // What is said of the peak has a row of its own, however many there are.
  const told = [peak, ...order.filter((one) => one !== peak)].slice(0, EVIDENCE_SHOWN);
  const ids = told.map((one) => evidenceOf(evidence, one));
  return {
    weight: 1.5 + peak.span.score + Math.min(1, order.length / 50),
    finding: {
      key: `anomaly group ${metric} ${level} ${minuteOf(from)} ${order[0]!.machine.id}`,
      kind: "anomaly",
      severity: "warning",
      title: `${sentence(nounOf(metric))} ${goesOn ? "is" : "was"} unusually ${level} on ${namesInWords(order.map((one) => one.machine.name))} at the same time`,
      claims: [
        {
          text: `${sentence(nounOf(metric))} was unusually ${level} on ${countOf(order.length, "instance")} at the same time: ${windowInWords(from, to)}.`,
          evidence: [all, ...ids],
        },
        { text: inWords(peak, goesOn), evidence: [ids[0]!] },
      ],
      actions: [
        "Look for what they have in common: a release, a job at the same time, a shared database, or their provider.",
      ],
      subjects: order.map(({ machine }) => ({ id: machine.id, name: machine.name })),
      metrics: [metric],
      confidence: bounded(peak.span.score),
      basis: "How rare such a reading is among those of each series before it",
      evidence: evidence.rows,
      chart: {
        subjects: told.slice(0, 8).map(({ machine }) => machine.id),
        metrics: [metric],
        ...around(from, to, now),
        limit: null,
        band: null,
        spans: [peak.span],
      },
      at: peak.span.peakAt,
      earliestAt: null,
      latestAt: null,
      monthlySaving: null,
      lastsMs: Math.max(HOUR, to + TOLD_FOR_MS - now),
    },
  };
}

/** Of each metric the rarest; of metrics that tell of the same thing all, for which of them stood out is of interest. */
function bestOfEach(stood: readonly Stood[]): Stood[] {
  const best = new Map<SeriesKey, Stood>();
  for (const one of stood) {
    const known = best.get(one.span.metric);
    if (!known || one.span.score > known.span.score) best.set(one.span.metric, one);
  }
  return [...best.values()].sort((a, b) => bySeries(a.span.metric, b.span.metric));
}

function inWords({ machine, span, isHigh }: Stood, goesOn: boolean): string {
  const { metric, value, from, to, peakAt } = span;
  const lasting = to - from > 5 * MINUTE ? `, over ${lengthInWords(to - from)}${goesOn ? " so far" : ""}` : "";
  const usual = usualInWords(span);
  return `${sentence(nounOf(metric))} of ${machine.name} was unusually ${isHigh ? "high" : "low"}: ${readingInWords(metric, value)} on ${momentInWords(peakAt)}${lasting}${usual === null ? "" : `; usual then is ${usual}`}.`;
}

function evidenceOf(evidence: EvidenceList, { machine, span }: Stood): string {
  const { metric, value, from, to, peakAt } = span;
  const usual = usualInWords(span);
  const words = `${sentence(nounOf(metric))} of ${machine.name}: ${readingInWords(metric, value)} on ${momentInWords(peakAt)}${usual === null ? "" : `, usually ${usual}`}.`;
  return evidence.add(words, { machine, metric, value, from, to });
}

function usualInWords({ metric, usualLow, usualHigh }: AnomalySpan): string | null {
  if (usualLow === null || usualHigh === null)
    return usualHigh !== null
      ? `at most ${readingInWords(metric, usualHigh)}`
      : usualLow !== null
        ? `at least ${readingInWords(metric, usualLow)}`
        : null;
  const [low, high] = [readingInWords(metric, usualLow), readingInWords(metric, usualHigh)];
  return low === high ? `about ${low}` : `${low} to ${high}`;
}

function around(from: EpochMs, to: EpochMs, now: EpochMs): { from: EpochMs; to: EpochMs } {
  const beside = Math.max(6 * HOUR, to - from);
  return { from: from - 2 * beside, to: Math.min(now, to + beside) };
}

function actionFor(name: string, from: EpochMs, to: EpochMs, goesOn: boolean): string {
  return goesOn
    ? `See what runs on ${name} now: run \`top\` there.`
    : `See what ran on ${name} then: ${windowInWords(from, Math.max(to, from + 5 * MINUTE))}.`;
}

function minuteOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 16);
}

function bounded(score: number): number {
  return Math.min(1, Math.max(0, score));
}
