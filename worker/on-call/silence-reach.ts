import type { SubjectScope } from "../../contract/rules.ts";
import type { SilenceRow } from "../alerts/table.ts";
import type { Person } from "../../contract/people.ts";
import { coversSubject } from "../notify/scope.ts";
import { seenScope, type Sight } from "./visible-subjects.ts";

/** What somebody who is limited to tags may do with silences, and see of them. Sight that is null is of the whole fleet. */

type Limited = Pick<Person, "tags" | "name">;

/** Whether a scope stays within what whoever asks may see: nobody silences what they cannot even look at. */
export function maySilence({ tags, subjects }: SubjectScope, { tags: own }: Limited, sight: Sight | null): boolean {
  if (own === null || sight === null) return true;
  // What the lists have in common is silenced: one of them within is enough.
  if (tags.length > 0 && tags.every((tag) => own.includes(tag))) return true;
  return subjects.length > 0 && subjects.every((subject) => sight.ids.has(subject));
}

/** What they made they also end, though something of it was removed meanwhile. */
export function mayEnd({ scope, createdBy }: SilenceRow, by: Limited, sight: Sight | null): boolean {
  return maySilence(scope, by, sight && createdBy === by.name ? withGone(sight, scope) : sight);
}

/** A silence as they may see it; undefined where it is about nothing of theirs. */
export function seenSilence(row: SilenceRow, by: Limited, sight: Sight | null): SilenceRow | undefined {
  if (by.tags === null || sight === null) return row;
  const { scope: whole, createdBy } = row;
  const scope = seenScope(whole, createdBy === by.name ? withGone(sight, whole) : sight);
  if (!scope) return undefined;
  const { tags, providers, regions } = scope;
  const isOfAll = [tags, providers, regions, scope.subjects].every(({ length }) => length === 0);
  const isTheirs = isOfAll || mayEnd(row, by, sight) || sight.facts.some((facts) => coversSubject(scope, facts));
  return isTheirs ? { ...row, scope } : undefined;
}

/** With those it names that are not there any more. */
function withGone(sight: Sight, { subjects }: SubjectScope): Sight {
  return { ...sight, ids: new Set([...sight.ids, ...subjects.filter((id) => !sight.isThere(id))]) };
}
