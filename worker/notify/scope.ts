import type { ProviderKind } from "../../contract/provider-kinds.ts";
import type { SubjectScope } from "../../contract/rules.ts";

/** What a scope can tell subjects apart by. */
export interface SubjectFacts {
  /** An instance's or a check's id. */
  subject: string;
  /** The machine: itself, or the one that a check looks at. */
  instanceId: string | null;
  tags: readonly string[];
  provider: ProviderKind | null;
  /** As its provider names it. */
  region: string | null;
}

/** Whether a rule, a silence or a channel is about it: one of each list that is not empty. Who names a machine names its checks too. */
export function coversSubject({ tags, providers, regions, subjects }: SubjectScope, facts: SubjectFacts): boolean {
  const { subject, instanceId, provider, region } = facts;
  return (
    (subjects.length === 0 || subjects.includes(subject) || (instanceId !== null && subjects.includes(instanceId))) &&
    (tags.length === 0 || facts.tags.some((tag) => tags.includes(tag))) &&
    (providers.length === 0 || (provider !== null && providers.includes(provider))) &&
    (regions.length === 0 || (region !== null && regions.includes(region)))
  );
}
