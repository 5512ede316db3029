/** What tags may be: see `TAG_PATTERN`. */
const LENGTH_MAX = 48;

/** A provider's tags in the form that tags have here; what nothing is left of is left out. */
export function tagsOf(texts: readonly string[]): string[] {
  return [...new Set(texts.map(tagOf).filter((tag) => tag !== ""))].sort();
}

/** A provider's labels as tags: `key:value`, or `key` where the value is empty. */
export function tagsOfLabels(labels: Iterable<readonly [key: string, value: string]>): string[] {
  return tagsOf([...labels].map(([key, value]) => (value.trim() === "" ? key : `${key}:${value}`)));
}

function tagOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9._:/-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, LENGTH_MAX)
    .replace(/-+$/, "");
}
