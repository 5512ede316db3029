import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { IncidentEventKind, IncidentState } from "../../contract/incident-kinds.ts";
import type { RuleKind, Severity } from "../../contract/rule-kinds.ts";
import type { Condition, Override, SubjectScope } from "../../contract/rules.ts";
import type { NewSilence } from "../../contract/silences.ts";

/** What is trouble. Those that Nephos begins with are made by the migration, and are their owner's from then on. */
export const rule = sqliteTable("rule", {
  id: text().primaryKey(),
  name: text().notNull(),
  isEnabled: integer("is_enabled", { mode: "boolean" }).notNull(),
  isDefault: integer("is_default", { mode: "boolean" }).notNull(),
  condition: text({ mode: "json" }).notNull().$type<Condition>(),
  scope: text({ mode: "json" }).notNull().$type<SubjectScope>(),
  holdMs: integer("hold_ms").notNull(),
  keepFiringMs: integer("keep_firing_ms").notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});
export type RuleRow = typeof rule.$inferSelect;

/** Another measure of a rule for one subject. WITHOUT ROWID in the migration. */
export const ruleOverride = sqliteTable(
  "rule_override",
  {
    ruleId: text("rule_id").notNull(),
    subject: text().notNull(),
    override: text({ mode: "json" }).notNull().$type<Override>(),
  },
  (table) => [primaryKey({ columns: [table.ruleId, table.subject] })],
);
export type RuleOverrideRow = typeof ruleOverride.$inferSelect;

/** A trouble that lasts, or lasted. What changes it is an event with the next number, in the same transaction. */
export const incident = sqliteTable(
  "incident",
  {
    id: text().primaryKey(),
    title: text().notNull(),
    severity: text().notNull().$type<Severity>(),
    state: text().notNull().$type<IncidentState>(),
    ruleId: text("rule_id").notNull(),
    /** As the rule was called and what it was about: it may be deleted. */
    ruleName: text("rule_name").notNull(),
    kind: text().notNull().$type<RuleKind>(),
    subject: text().notNull(),
    instanceId: text("instance_id"),
    reason: text().notNull(),
    openedAt: integer("opened_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    acknowledgedAt: integer("acknowledged_at"),
    acknowledgedBy: text("acknowledged_by"),
    resolvedAt: integer("resolved_at"),
    members: integer().notNull(),
    openMembers: integer("open_members").notNull(),
    reopened: integer().notNull(),
    isSilenced: integer("is_silenced", { mode: "boolean" }).notNull(),
    tags: text({ mode: "json" }).notNull().$type<string[]>(),
    /** Number of its last event: who writes the next one on top of another's fails. */
    lastEvent: integer("last_event").notNull(),
    /** The place its members have in common (`vultr ewr`), for what joins it; null where they have none. */
    place: text(),
  },
  (table) => [
    index("incident_open")
      .on(table.openedAt)
      .where(sql`state <> 'resolved'`),
    index("incident_resolved")
      .on(table.resolvedAt)
      .where(sql`state = 'resolved'`),
  ],
);
export type IncidentRow = typeof incident.$inferSelect;

/** Who belongs to an incident, and by which rule. The same rule is open once for a subject. */
export const incidentMember = sqliteTable(
  "incident_member",
  {
    incidentId: text("incident_id").notNull(),
    ruleId: text("rule_id").notNull(),
    ruleName: text("rule_name").notNull(),
    subject: text().notNull(),
    instanceId: text("instance_id"),
    name: text().notNull(),
    severity: text().notNull().$type<Severity>(),
    openedAt: integer("opened_at").notNull(),
    resolvedAt: integer("resolved_at"),
    value: real(),
    threshold: real(),
    reason: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.incidentId, table.ruleId, table.subject] }),
    uniqueIndex("incident_member_open")
      .on(table.ruleId, table.subject)
      .where(sql`resolved_at IS NULL`),
    index("incident_member_of_subject").on(table.subject),
  ],
);
export type IncidentMemberRow = typeof incidentMember.$inferSelect;

/** What happened to an incident. WITHOUT ROWID in the migration. */
export const incidentEvent = sqliteTable(
  "incident_event",
  {
    incidentId: text("incident_id").notNull(),
    number: integer().notNull(),
    at: integer().notNull(),
    kind: text().notNull().$type<IncidentEventKind>(),
    severity: text().notNull().$type<Severity>(),
    actor: text(),
    words: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.incidentId, table.number] })],
);
export type IncidentEventRow = typeof incidentEvent.$inferSelect;

export const silence = sqliteTable("silence", {
  id: text().primaryKey(),
  reason: text().notNull(),
  scope: text({ mode: "json" }).notNull().$type<SubjectScope>(),
  ruleIds: text("rule_ids", { mode: "json" }).notNull().$type<string[]>(),
  when: text({ mode: "json" }).notNull().$type<NewSilence["when"]>(),
  createdBy: text("created_by").notNull(),
  createdAt: integer("created_at").notNull(),
  endedAt: integer("ended_at"),
});
export type SilenceRow = typeof silence.$inferSelect;
