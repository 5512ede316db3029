import type { DurationMs } from "../../../../contract/units.ts";

const UNITS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const ALSO: Record<string, keyof typeof UNITS> = {
  sec: "s",
  second: "s",
  m: "min",
  minute: "min",
  hour: "h",
  day: "d",
};

/** A span as it is typed: `90 s`, `1.5 h`, `1 d 12 h`. Undefined where it is none. */
export function parseSpan(text: string): DurationMs | undefined {
  const parts = text
    .trim()
    .toLowerCase()
    .matchAll(/(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*/gy);
  let span = 0;
  let read = 0;
  for (const [part, amount, word] of parts) {
    const name = word!.length > 3 ? word!.replace(/s$/, "") : word!;
    const unit = name in UNITS ? (name as keyof typeof UNITS) : ALSO[name];
    if (unit === undefined) return undefined;
    span += Number(amount!.replace(",", ".")) * UNITS[unit];
    read += part.length;
  }
  return read > 0 && read === text.trim().length ? Math.round(span) : undefined;
}

/** A span in full, as it can be typed back: nothing of it is rounded away. */
export function formatSpan(span: DurationMs): string {
  if (span < UNITS.s) return `${span} ms`;
  if (span < UNITS.min) return `${span / UNITS.s} s`;
  const parts: string[] = [];
  let rest = span;
  for (const unit of ["d", "h", "min"] as const) {
    const count = Math.floor(rest / UNITS[unit]);
    rest -= count * UNITS[unit];
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  if (rest > 0) parts.push(`${rest / UNITS.s} s`);
  return parts.join(" ");
}
