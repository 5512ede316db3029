import type { DurationMs } from "./units.ts";

/** The words of insights. No schema here: the dashboard takes this file and stays small. */

/** What an insight can be. */
export const INSIGHT_KINDS = {
  prediction: "Something fills up or runs out",
  anomaly: "A reading unlike the ones before it",
  change: "A level that changed and stayed",
  pattern: "Something that comes back every day or week",
  correlation: "Readings that move together",
  waste: "Paid for and not used",
} as const;
export type InsightKind = keyof typeof INSIGHT_KINDS;
export const INSIGHT_KIND_NAMES = Object.keys(INSIGHT_KINDS) as [InsightKind, ...InsightKind[]];

/** The three lists of the page, and of the original's addresses. */
export const INSIGHT_GROUPS = {
  patterns: ["pattern", "correlation", "waste"],
  anomalies: ["anomaly", "change"],
  predictions: ["prediction"],
} as const satisfies Record<string, readonly InsightKind[]>;
export type InsightGroup = keyof typeof INSIGHT_GROUPS;
export const INSIGHT_GROUP_NAMES = Object.keys(INSIGHT_GROUPS) as [InsightGroup, ...InsightGroup[]];

export const INSIGHT_SEVERITIES = ["info", "warning", "critical"] as const;
export type InsightSeverity = (typeof INSIGHT_SEVERITIES)[number];

/** Who made it: arithmetic here, or Snowflake. */
export const ENGINES = { local: "Nephos", snowflake: "Snowflake" } as const;
export type EngineName = keyof typeof ENGINES;
export const ENGINE_NAMES = Object.keys(ENGINES) as [EngineName, ...EngineName[]];

/** What somebody thought of an insight. */
export const USEFUL = ["yes", "no"] as const;
export type Useful = (typeof USEFUL)[number];

export const INSIGHTS_PAGE_MAX = 200;
export const QUESTION_LENGTH_MAX = 500;
/** Rows of evidence in an insight or an answer, at most. */
export const EVIDENCE_MAX = 40;

/** The series that are looked into for every instance; filesystems and interfaces by their bare keys: the worst, or the sum. */
export const INSIGHT_METRICS = [
  "cpu_busy_ratio",
  "memory_used_ratio",
  "filesystem_used_ratio",
  "filesystem_inodes_used_ratio",
  "network_receive_bytes_per_second",
  "network_transmit_bytes_per_second",
  "disk_util_ratio",
  "load_5m",
] as const;
export type InsightMetric = (typeof INSIGHT_METRICS)[number];

/** How old an insight is shown as fresh: it is looked at again every hour. */
export const INSIGHTS_FRESH_MS: DurationMs = 2 * 3_600_000;
