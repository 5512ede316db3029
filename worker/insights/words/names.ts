/** Several names in one sentence: `web-1`, `web-1 and web-2`, `web-1, web-2 and 3 more`. Names are shown as they are. */
export function namesInWords(names: readonly string[], shown = 2): string {
  const [first = "", second] = names;
  if (names.length <= 1) return first;
  if (names.length <= shown + 1) return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  if (shown <= 1 || second === undefined) return `${first} and ${names.length - 1} more`;
  return `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
}

/** `1 instance`, `3 instances` */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** `web-1's` */
export function possessive(name: string): string {
  return `${name}'s`;
}

/** The first letter large, as a sentence begins; names stay as they are, so only our own words are given. */
export function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
