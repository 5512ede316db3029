const LENGTH_MAX = 80;

/** A name, or a line that people wrote, as it can stand in a sentence: one line, and not too long. */
export function nameInWords(name: string): string {
  const line = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > LENGTH_MAX ? `${line.slice(0, LENGTH_MAX - 1)}…` : line;
}

/** As `nameInWords`, for a longer line. */
export function lineInWords(text: string, max = 240): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}
