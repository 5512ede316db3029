export interface TextPart {
  text: string;
  isCode: boolean;
}

/** A line of an explanation in parts: what stands between two backticks is to be typed, not read. */
export function codeParts(line: string): TextPart[] {
  const pieces = line.split("`");
  // One backtick alone begins nothing.
  const isPaired = pieces.length % 2 === 1;
  if (!isPaired) return [{ text: line, isCode: false }];
  return pieces.map((text, index) => ({ text, isCode: index % 2 === 1 })).filter(({ text }) => text !== "");
}
