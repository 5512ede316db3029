/** Units that stand behind a number in what is said. */
const BEFORE_UNIT = /(\d) (?=(?:%|(?:ms|s|min|h|d)\b|[kKMGTP]i?B\b))/g;

/** A text in which no line ends between a number and its unit. */
export function bound(text: string): string {
  return text.replace(BEFORE_UNIT, "$1\u00a0");
}
