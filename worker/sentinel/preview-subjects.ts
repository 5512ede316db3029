import { Evaluation, type Subject } from "../alerts/evaluation.ts";
import type { RuleRow } from "../alerts/table.ts";
import { maySee } from "../auth/principal.ts";
import { listChecks } from "../checks/store.ts";
import type { Database } from "../db/client.ts";
import { listInstances } from "../instances/store.ts";
import { Subjects } from "../live/subjects.ts";
import { TICK_EVERY_MS } from "../settings.ts";

/**
 * Whom a rule would be held against, of what somebody with these tags may see: a check by its own tags or by those of its instance. Null:
 * the whole fleet. What is paused or gone is watched by none.
 */
export async function watchedBy(db: Database, rule: RuleRow, tags: readonly string[] | null): Promise<Subject[]> {
  const evaluation = new Evaluation();
  evaluation.setRules([rule], []);
  const subjects = new Subjects();
  const [instances, checks] = await Promise.all([listInstances(db), listChecks(db)]);
  const byId = new Map(instances.map((row) => [row.id, row]));
  const ofInstances = instances
    .filter(({ cloud, tags: own }) => cloud?.goneAt == null && maySee(tags, own))
    .map((instance) => subjects.ofInstance(instance));
  const ofChecks = checks.flatMap((check) => {
    const instance = check.instanceId === null ? undefined : byId.get(check.instanceId);
    if (check.isPaused || !maySee(tags, [...check.tags, ...(instance?.tags ?? [])])) return [];
    const { id, name, instanceId, tags: own, target, intervalMs, judgement } = check;
    const everyMs = Math.max(intervalMs, TICK_EVERY_MS);
    return [subjects.ofCheck(id, { name, instanceId, tags: own, kind: target.kind, everyMs, judgement }, instance)];
  });
  return [...ofInstances, ...ofChecks].filter((subject) => evaluation.isWatched(rule.id, subject));
}
