import { TAG_PATTERN } from "../../../../contract/limits.ts";

/** The list with what was typed added to it, and what of it is no tag. Several come at once when they are pasted. */
export function withTyped(list: readonly string[], typed: string): { list: string[]; refused: string[] } {
  const words = typed
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const added = words.filter((word) => TAG_PATTERN.test(word));
  return { list: [...new Set([...list, ...added])].sort(), refused: words.filter((word) => !TAG_PATTERN.test(word)) };
}
