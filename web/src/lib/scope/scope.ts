import type { Instance } from "../../../../contract/instance.ts";
import { PROVIDERS, PROVIDER_KINDS, type ProviderKind } from "../../../../contract/provider-kinds.ts";
import type { SubjectScope } from "../../../../contract/rules.ts";

/** Whom a rule, a silence or a channel is about: of several lists each must agree, an empty one says nothing. */
export const WHOLE: SubjectScope = { tags: [], providers: [], regions: [], subjects: [] };

export function isWhole({ tags, providers, regions, subjects }: SubjectScope): boolean {
  return tags.length + providers.length + regions.length + subjects.length === 0;
}

export function copyOf({ tags, providers, regions, subjects }: SubjectScope): SubjectScope {
  return { tags: [...tags], providers: [...providers], regions: [...regions], subjects: [...subjects] };
}

/** In words, for the end of a sentence: `whole fleet`, `tagged prod or eu, at Vultr, in ewr`, `web-1 and 2 others`. */
export function scopeInWords(scope: SubjectScope, nameOf: (subject: string) => string): string {
  if (isWhole(scope)) return "whole fleet";
  return [
    scope.subjects.length > 0 && someOf(scope.subjects.map(nameOf), "and"),
    scope.tags.length > 0 && `tagged ${someOf(scope.tags, "or")}`,
    scope.providers.length > 0 &&
      `at ${someOf(
        scope.providers.map((kind) => PROVIDERS[kind]),
        "or",
      )}`,
    scope.regions.length > 0 && `in ${someOf(scope.regions, "or")}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** The same at the beginning of a line; a name stays as it is written. */
export function scopeAsBeginning(scope: SubjectScope, nameOf: (subject: string) => string): string {
  const words = scopeInWords(scope, nameOf);
  return scope.subjects.length > 0 ? words : words.charAt(0).toUpperCase() + words.slice(1);
}

const NAMED_MAX = 3;

function someOf(names: readonly string[], word: "and" | "or"): string {
  if (names.length === 1) return names[0]!;
  if (names.length <= NAMED_MAX) return `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
  const shown = names.slice(0, NAMED_MAX - 1);
  return `${shown.join(", ")} ${word} ${names.length - shown.length} others`;
}

export type InScope = Pick<Instance, "id" | "tags" | "region" | "cloud">;

/** Whether an instance is within it, as the server has it. */
export function coversInstance(scope: SubjectScope, instance: InScope): boolean {
  const { subjects, providers, regions, tags } = scope;
  const { id, cloud } = instance;
  const region = regionOf(instance);
  return (
    (subjects.length === 0 || subjects.includes(id)) &&
    (tags.length === 0 || tags.some((tag) => instance.tags.includes(tag))) &&
    (providers.length === 0 || (cloud !== null && providers.includes(cloud.kind))) &&
    (regions.length === 0 || (region !== null && regions.includes(region)))
  );
}

/** As its provider names it, which comes before what its agent says. */
function regionOf({ cloud, region }: Pick<Instance, "cloud" | "region">): string | null {
  return cloud?.region ?? region;
}

export interface Chosen<Value extends string = string> {
  value: Value;
  label: string;
}

/** The clouds that some instance is at, and those that are chosen already. */
export function providerChoices(
  instances: readonly InScope[],
  chosen: readonly ProviderKind[],
): Chosen<ProviderKind>[] {
  const there = new Set([...chosen, ...instances.flatMap(({ cloud }) => cloud?.kind ?? [])]);
  return PROVIDER_KINDS.filter((kind) => there.has(kind)).map((value) => ({ value, label: PROVIDERS[value] }));
}

/** The regions that some instance is in, with their names where their provider has one. */
export function regionChoices(instances: readonly InScope[], chosen: readonly string[]): Chosen[] {
  const names = new Map<string, string>();
  for (const region of chosen) names.set(region, region);
  for (const instance of instances) {
    const region = regionOf(instance);
    if (region !== null && !names.has(region)) names.set(region, region);
    if (instance.cloud?.regionName && region !== null) names.set(region, `${region} · ${instance.cloud.regionName}`);
  }
  return [...names].map(([value, label]) => ({ value, label })).sort((a, b) => (a.value < b.value ? -1 : 1));
}
