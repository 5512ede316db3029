import type { InsightGroup, InsightKind, InsightSeverity } from "../../../../contract/insight-kinds.ts";
import type { Evidence, Insight, InsightState, Worded } from "../../../../contract/insights.ts";
import { metricOf, unitOf } from "../../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { formatAgo } from "../format/ago.ts";
import { formatMoment } from "../format/day.ts";
import { formatDuration, formatDurationShort } from "../format/duration.ts";
import { formatMoney } from "../format/money.ts";
import { formatQuantity } from "../format/quantity.ts";
import { subjectHref } from "../incidents/in-words.ts";
import { incidentHref } from "../incidents/news.ts";

export const SEVERITY_WORDS: Record<InsightSeverity, string> = {
  critical: "Critical",
  warning: "Warning",
  info: "To know",
};

export const KIND_WORDS: Record<InsightKind, string> = {
  prediction: "Prediction",
  anomaly: "Anomaly",
  change: "Change of level",
  pattern: "Pattern",
  correlation: "Moves together",
  waste: "Not used",
};

export const GROUP_WORDS: Record<InsightGroup, string> = {
  patterns: "Patterns",
  anomalies: "Anomalies",
  predictions: "Predictions",
};

export function insightHref(id: string): `/insights/${string}` {
  return `/insights/${encodeURIComponent(id)}`;
}

/** Who made it and how long ago, as it stands below what was made: `Arithmetic, 12 min ago`. */
export function madeInWords({ engine, model, madeAt }: Pick<Worded, "engine" | "model" | "madeAt">, now: EpochMs) {
  return `${engineInWords({ engine, model })}, ${formatAgo(madeAt, now)}`;
}

export function engineInWords({ engine, model }: Pick<InsightState, "engine" | "model">): string {
  if (engine === "local") return "Arithmetic";
  return model === null ? "Computed in Snowflake" : `Worded by ${model} in Snowflake`;
}

/** How much of the fleet was looked into, and when: for the head of the page. */
export function lookedInWords({ lookedAt, instances, looked }: InsightState, now: EpochMs): string {
  if (lookedAt === null) return "Not looked into yet";
  const whole = instances.toLocaleString("en");
  const part = looked < instances ? `${looked.toLocaleString("en")} of ${whole}` : whole;
  return `${part} ${instances === 1 ? "instance" : "instances"} looked into, ${formatAgo(lookedAt, now)}`;
}

export interface When {
  /** `in 3 d 4 h`, `3 h ago`. */
  text: string;
  /** The interval around it: `± 8 h`, `2 d to 5 d`; undefined where there is none. */
  spread: string | undefined;
  /** The exact moments, for whoever points at it. */
  title: string;
}

const MINUTE: DurationMs = 60_000;
const UNITS: readonly DurationMs[] = [86_400_000, 3_600_000, MINUTE];

/** An interval this even on both sides is told as one width. */
const EVEN = 0.25;

/** The moment an insight is about; undefined where it is about none. */
export function whenInWords(
  { at, earliestAt, latestAt }: Pick<Insight, "at" | "earliestAt" | "latestAt">,
  now: EpochMs,
): When | undefined {
  if (at === null) return undefined;
  const range =
    earliestAt === null && latestAt === null
      ? ""
      : `; between ${earliestAt === null ? "now" : formatMoment(earliestAt)} and ${latestAt === null ? "an open end" : formatMoment(latestAt)}`;
  return {
    text: at > now ? `in ${formatDuration(at - now)}` : formatAgo(at, now),
    spread: at > now ? spreadInWords(at, earliestAt, latestAt, now) : undefined,
    title: `${formatMoment(at)}${range}`,
  };
}

function spreadInWords(at: EpochMs, earliest: EpochMs | null, latest: EpochMs | null, now: EpochMs) {
  if (earliest === null && latest === null) return undefined;
  const soonest = Math.max(0, (earliest ?? now) - now);
  const first = soonest === 0 ? "now" : about(soonest);
  if (latest === null) return `${first} or later`;
  const [before, after] = [at - (earliest ?? now), latest - at];
  const wider = Math.max(before, after);
  if (wider > 0 && Math.abs(before - after) / wider <= EVEN) {
    return `± ${about((before + after) / 2)}`;
  }
  return `${first} to ${about(latest - now)}`;
}

/** In the largest unit, rounded: nobody counts the minutes of what may be off by days. */
function about(span: DurationMs): string {
  const unit = UNITS.find((each) => span >= each) ?? MINUTE;
  return formatDurationShort(Math.max(MINUTE, Math.round(span / unit) * unit));
}

/** `92 %`; only what is sure may say a hundred. */
export function confidenceInWords(confidence: number): string {
  const percent = Math.round(confidence * 100);
  return `${confidence < 1 ? Math.min(99, percent) : percent} %`;
}

/** `$12 a month`. */
export function savingInWords(saving: NonNullable<Insight["monthlySaving"]>): string {
  return `${formatMoney(saving)} a month`;
}

/** The value of a fact with its unit; undefined where it has none. */
export function valueOf({ metric, value }: Pick<Evidence, "metric" | "value">): string | undefined {
  if (value === null) return undefined;
  return formatQuantity(value, metric === null ? "count" : unitOf(metricOf(metric)));
}

/** The time a fact is of: a moment, a span, or nothing. */
export function spanInWords({ from, to }: Pick<Evidence, "from" | "to">): string | undefined {
  if (from === null) return to === null ? undefined : `until ${formatMoment(to)}`;
  if (to === null || to === from) return formatMoment(from);
  const isSameDay = new Date(from).toDateString() === new Date(to).toDateString();
  return `${formatMoment(from)} – ${isSameDay ? clockOf(to) : formatMoment(to)}`;
}

function clockOf(at: EpochMs): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** Where a fact is shown whole: the incident, or what it was measured of. */
export function evidenceHref({ incidentId, subject }: Pick<Evidence, "incidentId" | "subject">): string | undefined {
  if (incidentId !== null) return incidentHref(incidentId);
  return subject === null ? undefined : subjectHref(subject);
}
