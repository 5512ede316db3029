import type { Instance } from "../../../../contract/instance.ts";
import { PROVIDER_KINDS, PROVIDERS } from "../../../../contract/provider-kinds.ts";
import { type Condition, CONDITIONS } from "../live/status.ts";

/** Which part of the fleet is looked at; an empty choice leaves nothing out. */
export interface Scope {
  /** A cloud (`vultr`), one account of it (`vultr/ID`), or `none`. */
  cloud: string;
  region: string;
  tag: string;
}
export type Facet = keyof Scope;
export const FACETS = ["cloud", "region", "tag"] as const satisfies Facet[];
export const WHOLE_FLEET: Scope = { cloud: "", region: "", tag: "" };

/** The cloud of what no provider lists. */
export const NO_CLOUD = "none";

type Filtered = Pick<Instance, "region" | "tags" | "cloud">;

/** One thing a facet can be narrowed to, and how many instances it would leave. */
export interface Choice {
  value: string;
  label: string;
  count: number;
}

export function isWithin(instance: Filtered, scope: Scope): boolean {
  return FACETS.every((facet) => hasValue(instance, facet, scope[facet]));
}

function hasValue(instance: Filtered, facet: Facet, wanted: string): boolean {
  return wanted === "" || valuesOf(instance, facet).includes(wanted);
}

function valuesOf({ cloud, region, tags }: Filtered, facet: Facet): readonly string[] {
  switch (facet) {
    case "cloud":
      return cloud ? [cloud.kind, `${cloud.kind}/${cloud.accountId}`] : [NO_CLOUD];
    case "region":
      return region === null ? [] : [region];
    case "tag":
      return cloud && cloud.tags.length > 0 ? [...new Set([...tags, ...cloud.tags])] : tags;
  }
}

/**
 * What each facet can be narrowed to, counted under what the others are narrowed to already: one pass, however many
 * choices there are. What is chosen is always among them, even where nothing is left of it.
 */
export function choicesOf(
  instances: Iterable<Filtered>,
  scope: Scope,
  nameOfAccount: (id: string) => string | undefined,
): Record<Facet, Choice[]> {
  const counts: Record<Facet, Map<string, number>> = { cloud: new Map(), region: new Map(), tag: new Map() };
  const regionNames = new Map<string, string>();
  for (const facet of FACETS) if (scope[facet] !== "") counts[facet].set(scope[facet], 0);
  for (const instance of instances) {
    const missed = FACETS.filter((facet) => !hasValue(instance, facet, scope[facet]));
    if (missed.length > 1) continue;
    for (const facet of missed.length === 1 ? missed : FACETS) {
      for (const value of valuesOf(instance, facet)) counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
    }
    if (instance.cloud?.regionName) regionNames.set(instance.cloud.region, instance.cloud.regionName);
  }
  const choices = (facet: Facet, labelOf: (value: string) => string = (value) => value) =>
    [...counts[facet]].map(([value, count]) => ({ value, label: labelOf(value), count }));
  return {
    cloud: cloudChoices(choices("cloud", (value) => cloudLabel(value, nameOfAccount))),
    region: choices("region", (value) => [value, regionNames.get(value)].filter(Boolean).join(" · ")).sort(byLabel),
    tag: choices("tag").sort(byLabel),
  };
}

/** Clouds in their order, the accounts of each below it; one alone says no more than its cloud. */
function cloudChoices(choices: Choice[]): Choice[] {
  return [...PROVIDER_KINDS, NO_CLOUD].flatMap((kind) => {
    const accounts = choices.filter(({ value }) => value.startsWith(`${kind}/`)).sort(byLabel);
    return [...choices.filter(({ value }) => value === kind), ...(accounts.length > 1 ? accounts : [])];
  });
}

function cloudLabel(value: string, nameOfAccount: (id: string) => string | undefined): string {
  if (value === NO_CLOUD) return "No cloud";
  const [kind, account] = value.split("/", 2) as [keyof typeof PROVIDERS, string?];
  const cloud = PROVIDERS[kind] ?? kind;
  return account === undefined ? cloud : `${cloud}: ${nameOfAccount(account) ?? account.slice(0, 8)}`;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
const byLabel = (a: Choice, b: Choice) => collator.compare(a.label, b.label);

/** The address of the fleet narrowed like this. */
export function fleetHref(scope: Partial<Scope>, only: Condition | null = null): `/${string}` {
  const search = new URLSearchParams();
  for (const facet of FACETS) if (scope[facet]) search.set(facet, scope[facet]);
  if (only !== null) search.set("status", only);
  return search.size === 0 ? "/" : `/?${search}`;
}

/** What the address narrows the fleet to; null where it says nothing of it. */
export function scopeIn(search: Pick<URLSearchParams, "get" | "has">): { scope: Scope; only: Condition | null } | null {
  if (!["status", ...FACETS].some((name) => search.has(name))) return null;
  const scope = { ...WHOLE_FLEET };
  for (const facet of FACETS) scope[facet] = search.get(facet) ?? "";
  return { scope, only: CONDITIONS.find((condition) => condition === search.get("status")) ?? null };
}
