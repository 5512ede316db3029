import type { EpochMs } from "../../../contract/units.ts";
import type { SilenceRow } from "../../alerts/table.ts";
import type { KnownFleet, KnownInstance, KnownSilence } from "./ask-reader.ts";
import type { Span } from "./times.ts";

/** A silence that began within the span and is about one of these that may be seen; undefined for every other. `subjects` null: about any of them. */
export function silenceSeen(
  { reason, createdBy, scope, when, createdAt, endedAt }: SilenceRow,
  { instances, checks }: KnownFleet,
  subjects: readonly string[] | null,
  within: Span,
  now: EpochMs,
): KnownSilence | undefined {
  // One that comes back every week is no change but when it was made.
  const from = when.kind === "once" ? Math.max(when.from, createdAt) : createdAt;
  const end = endedAt ?? (when.kind === "once" ? when.to : null);
  if (from < within.from || from >= within.to || from > now) return undefined;
  const covers = (id: string, instance: KnownInstance | undefined, tags: readonly string[]) =>
    (scope.subjects.length === 0 ||
      scope.subjects.includes(id) ||
      (instance && scope.subjects.includes(instance.id))) &&
    (scope.tags.length === 0 || tags.some((tag) => scope.tags.includes(tag))) &&
    (scope.providers.length === 0 || scope.providers.some((kind) => kind === instance?.provider)) &&
    (scope.regions.length === 0 || scope.regions.some((region) => region === instance?.region));
  const byId = new Map(instances.map((one) => [one.id, one]));
  const isMeant = (id: string, instanceId: string | null) =>
    subjects === null || subjects.includes(id) || (instanceId !== null && subjects.includes(instanceId));
  const isTheirs =
    instances.some((one) => isMeant(one.id, null) && covers(one.id, one, one.tags)) ||
    checks.some(({ id, instanceId, tags }) => {
      const instance = instanceId === null ? undefined : byId.get(instanceId);
      return isMeant(id, instanceId) && covers(id, instance, [...tags, ...(instance?.tags ?? [])]);
    });
  if (!isTheirs) return undefined;
  const isOfAll = [scope.subjects, scope.tags, scope.providers, scope.regions].every(({ length }) => length === 0);
  return { reason, createdBy, from, to: end, isOfAll };
}
