import type { CheckKind } from "../../../contract/check-kinds.ts";
import type { InstanceEvent } from "../../../contract/events.ts";
import type { Incident, IncidentEvent, IncidentMember } from "../../../contract/incidents.ts";
import type { Insight, InsightKind } from "../../../contract/insights.ts";
import type { Readings, SeriesKey } from "../../../contract/metric.ts";
import type { Bandwidth } from "../../../contract/providers.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Judgement, Uptime } from "../../../contract/verdict.ts";
import type { Window } from "../../series/window.ts";
import type { Span } from "./times.ts";

/** An instance as far as questions are about it. */
export interface KnownInstance {
  id: string;
  name: string;
  tags: readonly string[];
  region: string | null;
  provider: string | null;
  plan: string | null;
  os: string | null;
  monthlyCost: { amount: number; currency: string } | null;
  bandwidth: Bandwidth | null;
  judgement: Pick<Judgement, "verdict" | "since" | "reason"> | null;
  /** No longer listed by its provider since then. */
  goneAt: EpochMs | null;
  bootAt: EpochMs | null;
  firstSeenAt: EpochMs;
  /** How often its agent sends; 0 where it has none. */
  intervalMs: DurationMs;
  /** Null where it has never sent, or where nobody can tell. */
  lastSampleAt: EpochMs | null;
  /** The fleet metrics of its last sample. */
  latest: Readings;
}

export interface KnownCheck {
  id: string;
  name: string;
  instanceId: string | null;
  tags: readonly string[];
  kind: CheckKind;
  isPaused: boolean;
  judgement: Pick<Judgement, "verdict" | "since" | "reason"> | null;
}

/** All that whoever asks may see, in the order of their names. */
export interface KnownFleet {
  instances: readonly KnownInstance[];
  checks: readonly KnownCheck[];
}

export interface KnownIncident {
  incident: Incident;
  /** At most 50 of those that may be seen. */
  members: readonly IncidentMember[];
  /** In order of time; none where only a part of the incident may be seen. */
  events: readonly IncidentEvent[];
}

/** A silence that began or ended. */
export interface KnownSilence {
  reason: string;
  createdBy: string;
  from: EpochMs;
  to: EpochMs | null;
  /** Whether it is about all that may be seen. */
  isOfAll: boolean;
}

/** Null: of all that may be seen. */
type Subjects = readonly string[] | null;

/**
 * All that a question, a summary or an explanation can be made from, of what whoever asks may see: what is hidden from them is in nothing
 * that this answers. Every method is bounded.
 */
export interface AskReader {
  fleet(): Promise<KnownFleet>;
  /** Not dismissed, in the order of the insights page. `within`: found again or about a moment in it; null: all there are. */
  insights(asked: {
    kinds: readonly InsightKind[];
    within: Span | null;
    subjects: Subjects;
    max: number;
  }): Promise<Insight[]>;
  /** Of these instances how many have a forecast, and when the oldest of those was made. */
  forecasts(ids: readonly string[]): Promise<{ count: number; oldestAt: EpochMs | null }>;
  /** That were open within the span, or with `onlyBegun` began in it; newest first, and how many those are. */
  incidents(asked: {
    state: "open" | "resolved" | "all";
    within: Span;
    onlyBegun?: boolean;
    subjects: Subjects;
    max: number;
  }): Promise<{ incidents: Incident[]; total: number }>;
  incident(id: string): Promise<KnownIncident | null>;
  /** Of the timelines, newest first. */
  events(asked: { within: Span; subjects: Subjects; max: number }): Promise<(InstanceEvent & { instanceId: string })[]>;
  /** That began within the span and are about any of these. */
  silences(asked: { within: Span; subjects: Subjects }): Promise<KnownSilence[]>;
  /** Series of at most `WINDOW_SUBJECTS_MAX` instances or checks; `points`: as many as are needed at least, roughly. */
  windows(
    asked: Span & { ids: readonly string[]; keys: readonly SeriesKey[]; points: number },
  ): Promise<ReadonlyMap<string, Window>>;
  /** Of at most `UPTIME_SUBJECTS_MAX`: seconds from one day (UTC, counted from 1970) to another, both with them: of those of whom something is known. */
  uptime(asked: { ids: readonly string[]; fromDay: number; toDay: number }): Promise<ReadonlyMap<string, Uptime>>;
}

export const WINDOW_SUBJECTS_MAX = 50;
export const UPTIME_SUBJECTS_MAX = 1_000;
