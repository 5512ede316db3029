/** As the server takes them (`contract/fields.ts`). */
const TAG = /^[a-z0-9][a-z0-9._:/-]{0,47}$/;

/** The list with what was typed added to it, and what of it is no tag. Several come at once when they are pasted. */
export function withTyped(list: readonly string[], typed: string): { list: string[]; refused: string[] } {
  const words = typed
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const added = words.filter((word) => TAG.test(word));
  return { list: [...new Set([...list, ...added])].sort(), refused: words.filter((word) => !TAG.test(word)) };
}
