import type { Instance } from "../../../../contract/instance.ts";

/** Every tag some instance has, to choose from. */
export function knownTagsOf(entries: Iterable<{ instance: Pick<Instance, "tags"> }>): string[] {
  return [...new Set([...entries].flatMap(({ instance }) => instance.tags))].sort();
}
