import {
  RULE_OVERRIDES_MAX,
  RULES_MAX,
  RULE_KINDS,
  type NewRule,
  type Override,
  type Rule,
} from "../../contract/rules.ts";
import * as rules from "../alerts/rule-store.ts";
import type { RuleOverrideRow, RuleRow } from "../alerts/table.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "../live/shard-client.ts";
import { changed } from "./change.ts";
import { overrideProblem, refuseUnsent } from "./rule-fit.ts";
import { seenScope, sightOf, visibleSubject } from "./visible-subjects.ts";

/** Rules over HTTP. A change holds when it is answered. */
export const ruleRoutes = api({
  "GET /api/rules": async (c) => {
    const db = database(c.env.DB);
    const [rows, overrides, open, sight] = await Promise.all([
      rules.listRules(db),
      rules.listOverrides(db),
      rules.openIncidentsByRule(db, c.var.principal.person.tags),
      sightOf(c, db),
    ]);
    const byRule = Map.groupBy(
      overrides.filter(({ subject }) => sight === null || sight.ids.has(subject)),
      ({ ruleId }) => ruleId,
    );
    return {
      rules: rows.flatMap((row) => {
        const scope = seenScope(row.scope, sight);
        return scope ? [shownRule({ ...row, scope }, byRule.get(row.id) ?? [], open.get(row.id) ?? 0)] : [];
      }),
    };
  },

  "POST /api/rules": async (c, { body }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    await refuseUnsent(db, body.condition);
    if ((await rules.countRules(db)) >= RULES_MAX) {
      throw new NephosError("too_many_kept", `There can be at most ${RULES_MAX} rules.`, {
        remedy: "Delete those that are not needed any more.",
      });
    }
    const row: RuleRow = { ...body, id: crypto.randomUUID(), isDefault: false, createdAt: now, updatedAt: now };
    await rules.insertRule(db, row);
    await changed(c, "rule.made", row.name, { after: words(row) });
    return told(db, row.id);
  },

  "PUT /api/rules/:id": async (c, { body }) => {
    const db = database(c.env.DB);
    const before = await existing(c, db);
    if (metricIn(body) !== metricIn(before)) await refuseUnsent(db, body.condition);
    for (const { subject, override } of await rules.overridesOf(db, before.id)) {
      const problem = overrideProblem(body, override);
      if (!problem) continue;
      throw new NephosError("invalid_field", `condition: does not go with the other measure of ${subject}`, {
        field: "condition",
        remedy: `Change or remove that one first: its ${problem.path} ${problem.message}.`,
      });
    }
    const row = await rules.putRule(db, before.id, { ...body, updatedAt: Date.now() });
    if (!row) throw noSuchRule();
    await changed(c, "rule.changed", row.name, { before: words(before), after: words(row) });
    return told(db, row.id);
  },

  "DELETE /api/rules/:id": async (c) => {
    const row = await rules.deleteRule(database(c.env.DB), c.req.param("id")!);
    if (!row) throw noSuchRule();
    await changed(c, "rule.removed", row.name, { before: words(row) });
  },

  "PUT /api/rules/:id/overrides/:subject": async (c, { body }) => {
    const db = database(c.env.DB);
    const row = await existing(c, db);
    const subject = c.req.param("subject")!;
    await visibleSubject(c, db, subject);
    const problem = overrideProblem(row, body);
    if (problem) {
      throw new NephosError("invalid_field", `${problem.path}: ${problem.message}`, {
        field: problem.path,
        remedy: "Correct this threshold, or leave all of them empty for the rule's own.",
      });
    }
    const own = await rules.overridesOf(db, row.id);
    const isNew = own.every((one) => one.subject !== subject);
    if (isNew && (await rules.countOverrides(db)) >= RULE_OVERRIDES_MAX) {
      throw new NephosError("too_many_kept", `There can be at most ${RULE_OVERRIDES_MAX} other measures.`, {
        remedy: "Remove some, or make a rule of its own for a tag that those subjects have.",
      });
    }
    await rules.putOverride(db, row.id, subject, body);
    await changed(c, "rule.changed", row.name, { after: `${subject}: ${overrideWords(body)}` });
    return told(db, row.id);
  },

  "DELETE /api/rules/:id/overrides/:subject": async (c) => {
    const db = database(c.env.DB);
    const row = await existing(c, db);
    const subject = c.req.param("subject")!;
    if (!(await rules.deleteOverride(db, row.id, subject))) {
      throw new NephosError("not_found", "This rule has no other measure for that subject.", { field: "subject" });
    }
    await changed(c, "rule.changed", row.name, { after: `${subject}: the rule's own measure` });
  },

  "GET /api/rule-states/:subject": async (c) => {
    const subject = c.req.param("subject")!;
    await visibleSubject(c, database(c.env.DB), subject);
    return { now: Date.now(), states: await calling(async () => shard(c.env).ruleStates(subject)) };
  },
});

async function existing(c: ApiContext, db: Database): Promise<RuleRow> {
  const row = await rules.findRule(db, c.req.param("id")!);
  if (!row) throw noSuchRule();
  return row;
}

function noSuchRule(): NephosError {
  return new NephosError("not_found", "There is no such rule.", {
    field: "id",
    remedy: "It may have been deleted; the rules page lists what there is.",
  });
}

async function told(db: Database, id: string): Promise<Rule> {
  const [row, overrides, open] = await Promise.all([
    rules.findRule(db, id),
    rules.overridesOf(db, id),
    // Who makes rules sees the whole fleet.
    rules.openIncidentsByRule(db, null),
  ]);
  if (!row) throw noSuchRule();
  return shownRule(row, overrides, open.get(id) ?? 0);
}

function shownRule(row: RuleRow, overrides: readonly RuleOverrideRow[], openIncidents: number): Rule {
  const bySubject = Object.fromEntries(overrides.map(({ subject, override }) => [subject, override]));
  return { ...row, overrides: bySubject, openIncidents };
}

function metricIn({ condition }: Pick<NewRule, "condition">): string | null {
  return "metric" in condition ? condition.metric : null;
}

/** A rule in one line, for the log. */
function words({ name, isEnabled, condition, holdMs, keepFiringMs }: Omit<RuleRow, "id">): string {
  const what = "metric" in condition ? condition.metric : RULE_KINDS[condition.kind].toLowerCase();
  const parts = [
    name,
    what,
    "warning" in condition && overrideWords({ ...condition, isEnabled: true }),
    holdMs > 0 && `for ${holdMs / 1_000} s`,
    keepFiringMs > 0 && `well for ${keepFiringMs / 1_000} s`,
    !isEnabled && "off",
  ];
  return parts.filter(Boolean).join("; ");
}

function overrideWords({ isEnabled, warning, critical, recovery }: Override): string {
  if (!isEnabled) return "off";
  const parts = Object.entries({ warning, critical, recovery }).flatMap(([name, value]) =>
    value === null ? [] : [`${name} ${value}`],
  );
  return parts.length > 0 ? parts.join(", ") : "the rule's own thresholds";
}
