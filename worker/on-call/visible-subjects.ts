import { isCheckSubject, type SubjectScope } from "../../contract/rules.ts";
import type { ApiContext } from "../auth/api.ts";
import { maySee } from "../auth/principal.ts";
import { findCheck, listChecks } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findInstances, listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import type { SubjectFacts } from "../notify/scope.ts";

/** Instances and checks as whoever asks may see them: a check by its own tags or by those of its instance. */

type SeenSubject =
  { instance: InstanceRow; check: null } | { instance: InstanceRow | undefined; check: HealthCheckRow };

/** For who may not see it, it is not there. */
export async function visibleSubject(c: ApiContext, db: Database, id: string): Promise<SeenSubject> {
  const check = isCheckSubject(id) ? await findCheck(db, id) : undefined;
  const instanceId = isCheckSubject(id) ? check?.instanceId : id;
  const [instance] = instanceId ? await findInstances(db, [instanceId]) : [];
  const subject = check ? { instance, check } : instance && !isCheckSubject(id) ? { instance, check: null } : undefined;
  if (subject && maySee(c.var.principal.person.tags, tagsOf(subject))) return subject;
  throw new NephosError("not_found", "There is no such instance or check.", {
    field: "subject",
    remedy: "It may have been removed; the fleet and the checks pages list what there is.",
  });
}

export async function visibleSubjects(c: ApiContext, db: Database): Promise<SeenSubject[]> {
  return (await allSubjects(db)).filter((one) => maySee(c.var.principal.person.tags, tagsOf(one)));
}

async function allSubjects(db: Database): Promise<SeenSubject[]> {
  const [instances, checks] = await Promise.all([listInstances(db), listChecks(db)]);
  const byId = new Map(instances.map((row) => [row.id, row]));
  return [
    ...instances.map((instance) => ({ instance, check: null })),
    ...checks.map((check) => ({ check, instance: check.instanceId === null ? undefined : byId.get(check.instanceId) })),
  ];
}

/** What somebody who is limited to tags may see. */
export interface Sight {
  ids: ReadonlySet<string>;
  facts: readonly SubjectFacts[];
  /** Whether anything is called that, seen or not. */
  isThere(id: string): boolean;
}

/** Null: the whole fleet. */
export async function sightOf(c: ApiContext, db: Database): Promise<Sight | null> {
  const { tags } = c.var.principal.person;
  if (tags === null) return null;
  const all = await allSubjects(db);
  const there = new Set(all.map(idOf));
  const seen = all.filter((one) => maySee(tags, tagsOf(one)));
  return { ids: new Set(seen.map(idOf)), facts: seen.map(factsOf), isThere: (id) => there.has(id) };
}

/** A scope without the ids that are hidden; undefined where it names hidden ones only. An empty list would say: the whole fleet. */
export function seenScope(scope: SubjectScope, sight: Pick<Sight, "ids"> | null): SubjectScope | undefined {
  const subjects = scope.subjects.filter((id) => sight === null || sight.ids.has(id));
  return subjects.length === 0 && scope.subjects.length > 0 ? undefined : { ...scope, subjects };
}

function tagsOf({ instance, check }: SeenSubject): string[] {
  return [...(check?.tags ?? []), ...(instance?.tags ?? [])];
}

function factsOf(one: SeenSubject): SubjectFacts {
  const { instance } = one;
  const provider = instance?.cloud?.kind ?? instance?.cloudKind ?? null;
  const region = instance?.cloud?.region ?? instance?.region ?? null;
  return { subject: idOf(one), instanceId: instance?.id ?? null, tags: tagsOf(one), provider, region };
}

function idOf({ instance, check }: SeenSubject): string {
  return check === null ? instance.id : check.id;
}
