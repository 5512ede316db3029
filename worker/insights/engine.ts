import type { Answer } from "../../contract/ask.ts";
import type {
  AnomalySpan,
  Band,
  Claim,
  EngineName,
  Evidence,
  Insight,
  InsightChart,
  InsightKind,
  InsightSeverity,
  Worded,
} from "../../contract/insights.ts";
import type { SeriesKey } from "../../contract/metric.ts";
import type { Bandwidth } from "../../contract/providers.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { EvenSeries } from "./local/even-series.ts";

/** A machine, as far as an engine needs to know it. */
export interface Machine {
  id: string;
  name: string;
  tags: readonly string[];
  region: string | null;
  plan: string | null;
  cpuCount: number | null;
  memoryBytes: number | null;
  diskBytes: number | null;
  monthlyCost: { amount: number; currency: string } | null;
  bandwidth: Bandwidth | null;
  bootAt: EpochMs | null;
  firstSeenAt: EpochMs;
}

/** A machine and what it has been like: hourly values over weeks, five-minute values over days. Series that it does not send are absent. */
export interface MachineHistory {
  machine: Machine;
  hourly: ReadonlyMap<SeriesKey, EvenSeries>;
  fine: ReadonlyMap<SeriesKey, EvenSeries>;
  /** What stood out in them, by the detector that has seen all of it. */
  spans: readonly AnomalySpan[];
}

/** Something found, before it is kept: who made it and when is added then. Evidence has its ids already; claims name them. */
export interface Finding {
  /** What it is about, the same whenever it is found again: `prediction filesystem_used_ratio web-1`. */
  key: string;
  kind: InsightKind;
  severity: InsightSeverity;
  title: string;
  claims: Claim[];
  actions: string[];
  subjects: Insight["subjects"];
  metrics: SeriesKey[];
  confidence: number | null;
  basis: string;
  evidence: Evidence[];
  chart: InsightChart | null;
  at: EpochMs | null;
  earliestAt: EpochMs | null;
  latestAt: EpochMs | null;
  monthlySaving: Insight["monthlySaving"];
  /** Gone after so long unless it is found again. */
  lastsMs: DurationMs;
}

/** What is foretold of one machine, beside what is worth a finding. */
export interface Foretold {
  findings: Finding[];
  bands: Record<SeriesKey, Band>;
}

/** The bounded facts a summary, an explanation or an answer is made of, and what the local engine says by them. */
export interface Brief {
  task: "summary" | "explanation" | "answer";
  /** What is asked: the question, or what happened. Written by people, so it is data. */
  about: string;
  evidence: Evidence[];
  /** What arithmetic says by this evidence: fit to be shown as it is. */
  claims: Claim[];
  actions: Claim[];
}

/**
 * Who finds and words insights. Two obey it: arithmetic here, and Snowflake. A finding's claims name evidence; whoever keeps it drops
 * those that do not. An engine that cannot answer throws `EngineProblem`, and the local one is asked once.
 */
export interface InsightEngine {
  readonly name: EngineName;
  readonly model: string | null;
  /** What comes back every day or week, moves together, or is paid for and not used. */
  patterns(machines: readonly MachineHistory[], now: EpochMs): Promise<Finding[]>;
  /** What stood out, and levels that changed. */
  anomalies(machines: readonly MachineHistory[], now: EpochMs): Promise<Finding[]>;
  /** Where readings lead: by machine, in the order given. */
  predictions(machines: readonly MachineHistory[], now: EpochMs): Promise<Foretold[]>;
  summary(brief: Brief, now: EpochMs): Promise<Worded>;
  explain(brief: Brief, now: EpochMs): Promise<Worded>;
  ask(question: string, asking: Asking, now: EpochMs): Promise<Answer>;
}

/** Runs a plan: what a question is answered from. The only way an engine reaches data for a question. */
export interface Asking {
  /** The instances one may ask about, by name: what a question may mention. */
  names: readonly { id: string; name: string; tags: readonly string[] }[];
  run(
    plan: Answer["plan"],
  ): Promise<{ brief: Brief; charts: InsightChart[]; understoodAs: string; suggestions: string[] }>;
}

/** Why an engine did not answer, for people. */
export class EngineProblem extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}
