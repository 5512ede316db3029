import { and, eq, isNull, sql } from "drizzle-orm";
import type { Override } from "../../contract/rules.ts";
import type { Database } from "../db/client.ts";
import { isSeenIncident, isSeenMember, isSeenWhole } from "./sight.ts";
import { incidentMember, rule, ruleOverride, type RuleOverrideRow, type RuleRow } from "./table.ts";

/** In the order in which they were made. */
export async function listRules(db: Database): Promise<RuleRow[]> {
  return db
    .select()
    .from(rule)
    .orderBy(rule.createdAt, sql`rowid`);
}

export async function listOverrides(db: Database): Promise<RuleOverrideRow[]> {
  return db.select().from(ruleOverride);
}

export async function overridesOf(db: Database, ruleId: string): Promise<RuleOverrideRow[]> {
  return db.select().from(ruleOverride).where(eq(ruleOverride.ruleId, ruleId));
}

export async function findRule(db: Database, id: string): Promise<RuleRow | undefined> {
  return db.select().from(rule).where(eq(rule.id, id)).get();
}

export async function countRules(db: Database): Promise<number> {
  return db.$count(rule);
}

export async function countOverrides(db: Database): Promise<number> {
  return db.$count(ruleOverride);
}

/** Of these ids those that no rule has. */
export async function unknownRules(db: Database, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: rule.id })
    .from(rule)
    .where(sql`${rule.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`);
  const known = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !known.has(id));
}

export async function insertRule(db: Database, row: RuleRow): Promise<void> {
  await db.insert(rule).values(row);
}

/** What is sent takes the place of what was. Undefined where there is no such rule. */
export async function putRule(
  db: Database,
  id: string,
  change: Omit<RuleRow, "id" | "isDefault" | "createdAt">,
): Promise<RuleRow | undefined> {
  const [row] = await db.update(rule).set(change).where(eq(rule.id, id)).returning();
  return row;
}

/** With what was said otherwise for single subjects. Undefined where there is no such rule. */
export async function deleteRule(db: Database, id: string): Promise<RuleRow | undefined> {
  const [[row]] = await db.batch([
    db.delete(rule).where(eq(rule.id, id)).returning(),
    db.delete(ruleOverride).where(eq(ruleOverride.ruleId, id)),
  ]);
  return row;
}

/** Nothing where the rule was deleted meanwhile. */
export async function putOverride(db: Database, ruleId: string, subject: string, override: Override): Promise<void> {
  await db.$client
    .prepare(
      `INSERT INTO rule_override (rule_id, subject, override) SELECT id, ?2, ?3 FROM rule WHERE id = ?1
       ON CONFLICT (rule_id, subject) DO UPDATE SET override = excluded.override`,
    )
    .bind(ruleId, subject, JSON.stringify(override))
    .run();
}

/** False where there is none. */
export async function deleteOverride(db: Database, ruleId: string, subject: string): Promise<boolean> {
  const deleted = await db
    .delete(ruleOverride)
    .where(and(eq(ruleOverride.ruleId, ruleId), eq(ruleOverride.subject, subject)))
    .returning({ subject: ruleOverride.subject });
  return deleted.length === 1;
}

/** How many incidents each rule is open in, with those that began with another; of what whoever is limited to these tags may see. */
export async function openIncidentsByRule(db: Database, tags: readonly string[] | null): Promise<Map<string, number>> {
  const isSeen =
    tags &&
    sql`EXISTS (SELECT 1 FROM incident WHERE incident.id = incident_member.incident_id AND ${isSeenIncident(tags)}
      AND (${isSeenMember(tags)} OR ${isSeenWhole(tags)}))`;
  const rows = await db
    .select({ ruleId: incidentMember.ruleId, open: sql<number>`count(DISTINCT ${incidentMember.incidentId})` })
    .from(incidentMember)
    .where(and(isNull(incidentMember.resolvedAt), isSeen ?? undefined))
    .groupBy(incidentMember.ruleId);
  return new Map(rows.map(({ ruleId, open }) => [ruleId, open]));
}
