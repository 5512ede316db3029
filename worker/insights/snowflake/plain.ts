/** Text of a language model as it may be shown, and text of people as it may be given to one. */

const CLAIM_LENGTH_MAX = 400;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** One line without control characters, cut to a length. */
export function oneLine(text: string, max: number): string {
  const line = text.replace(INVISIBLE, " ").replace(/\s+/g, " ").trim();
  return line.length > max ? `${line.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…` : line;
}

/** A sentence without markup and without addresses: of a link its words stay, and where it leads is dropped. */
export function withoutMarkup(text: string): string {
  const bare = text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/<[^>]*>/g, " ")
    .replace(/\b[a-z][a-z0-9+.-]{1,20}:\/\/\S+/gi, " ")
    .replace(/\b(?:www\.|javascript:|data:|mailto:)\S+/gi, " ")
    .replace(/\*+|`+|~~|^\s*(?:#+|>|[-•])\s+/gm, "");
  return oneLine(bare, CLAIM_LENGTH_MAX).replace(/\s+([.,;:!?])/g, "$1");
}
