import type { Message } from "./message.ts";

/** Making words fit what a provider takes, without tearing a character or what stands for one. */

type SizeOf = (text: string) => number;

const units: SizeOf = ({ length }) => length;
const encoder = new TextEncoder();
export const bytesOf: SizeOf = (text) => encoder.encode(text).byteLength;

/** `text` as `written` (escaped) says, at most so long; what is cut ends with an ellipsis. */
export function fitted(
  text: string,
  max: number,
  { written = (part: string) => part, sizeOf = units }: { written?(part: string): string; sizeOf?: SizeOf } = {},
): string {
  const whole = written(text);
  if (sizeOf(whole) <= max) return whole;
  let kept = "";
  let size = sizeOf("…");
  for (const character of text) {
    const next = written(character);
    size += sizeOf(next);
    if (size > max) break;
    kept += next;
  }
  return `${kept.trimEnd()}…`;
}

/** Room for the line that says how many are left out. */
const MORE_SIZE = 24;

/** As many whole lines as there is room for, and how many are left out. */
export function fittedLines(lines: readonly string[], max: number, sizeOf: SizeOf = units): string {
  const all = lines.join("\n");
  if (sizeOf(all) <= max) return all;
  const kept: string[] = [];
  let size = MORE_SIZE;
  for (const line of lines) {
    size += sizeOf(line) + 1;
    if (size > max) break;
    kept.push(line);
  }
  return max < MORE_SIZE ? "" : [...kept, `… and ${lines.length - kept.length} more`].join("\n");
}

/** A text of paragraphs: head and foot are kept whole, the facts between them get the room that is left. */
export function laidOut(
  { head, facts, foot }: { head: readonly string[]; facts: readonly string[]; foot: readonly string[] },
  max: number,
  sizeOf: SizeOf = units,
): string {
  const around = [...head, ...foot].reduce((size, paragraph) => size + sizeOf(paragraph) + 2, 0);
  return [...head, fittedLines(facts, max - around, sizeOf), ...foot]
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

/** How it looks at a glance. */
export function signOf({ severity, isResolved }: Pick<Message, "severity" | "isResolved">): string {
  if (isResolved) return "🟢";
  return severity === "critical" ? "🔴" : "🟡";
}

/** For providers that take HTML. */
export function htmlOf(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!);
}

/** Where an API is: the one that was entered, or its own. */
export function baseOf(endpoint: string | null | undefined, own: string): string {
  return (endpoint ?? own).replace(/\/+$/, "");
}
