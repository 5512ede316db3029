import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
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
  Useful,
} from "../../contract/insights.ts";

/**
 * What was found. `id` is made of what it is about, so that finding it again changes the row and does not make another; it is written
 * only where it says something new. WITHOUT ROWID in the migration, as the other two.
 */
export const insight = sqliteTable("insight", {
  id: text().primaryKey(),
  kind: text().notNull().$type<InsightKind>(),
  severity: text().notNull().$type<InsightSeverity>(),
  /** Orders the list: the worst first, of them what is soonest. */
  rank: integer().notNull(),
  title: text().notNull(),
  claims: text({ mode: "json" }).notNull().$type<Claim[]>(),
  actions: text({ mode: "json" }).notNull().$type<string[]>(),
  subjects: text({ mode: "json" }).notNull().$type<Insight["subjects"]>(),
  metrics: text({ mode: "json" }).notNull().$type<string[]>(),
  confidence: real(),
  basis: text().notNull(),
  evidence: text({ mode: "json" }).notNull().$type<Evidence[]>(),
  chart: text({ mode: "json" }).$type<InsightChart>(),
  at: integer(),
  earliestAt: integer("earliest_at"),
  latestAt: integer("latest_at"),
  monthlySaving: text("monthly_saving", { mode: "json" }).$type<NonNullable<Insight["monthlySaving"]>>(),
  engine: text().notNull().$type<EngineName>(),
  model: text(),
  madeAt: integer("made_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  dismissedAt: integer("dismissed_at"),
  dismissedBy: text("dismissed_by"),
  useful: text().$type<Useful>(),
});
export type InsightRow = typeof insight.$inferSelect;

/** What is foretold of an instance and what stood out in it, for its charts: one row an instance. */
export const outlook = sqliteTable("outlook", {
  instanceId: text("instance_id").primaryKey(),
  bands: text({ mode: "json" }).notNull().$type<Record<string, Band>>(),
  spans: text({ mode: "json" }).notNull().$type<AnomalySpan[]>(),
  madeAt: integer("made_at").notNull(),
});
export type OutlookRow = typeof outlook.$inferSelect;

/** Words that a language model has found for some evidence: asked for again, they cost nothing. */
export const wordedAnswer = sqliteTable("worded_answer", {
  /** SHA-256 of what was asked: task, model, prompt. */
  id: text().primaryKey(),
  model: text().notNull(),
  /** What the model said, read anew for each who asks; or that what came was no JSON, so that it is not paid for again at once. */
  worded: text({ mode: "json" }).notNull().$type<{ said: unknown } | { isUseless: true }>(),
  inputTokens: integer("input_tokens").notNull(),
  outputTokens: integer("output_tokens").notNull(),
  usd: real().notNull(),
  madeAt: integer("made_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
});
export type WordedAnswerRow = typeof wordedAnswer.$inferSelect;
