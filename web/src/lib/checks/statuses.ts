/** HTTP statuses that are a good answer, each range with both its ends. */
export type StatusRange = [from: number, to: number];

const RANGES_MAX = 10;

/** Statuses as they are typed: `200-299, 404`, or `2xx`. What is wrong is said in words. */
export function parseStatuses(text: string): { ranges: StatusRange[] } | { problem: string } {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  if (parts.length === 0) return { problem: "At least one status, such as 200-399." };
  if (parts.length > RANGES_MAX) return { problem: `At most ${RANGES_MAX} of them: ranges take fewer.` };
  const ranges: StatusRange[] = [];
  for (const part of parts) {
    const range = rangeOf(part);
    if (range === undefined) return { problem: `“${part}” is no status: a number, or two with a dash between.` };
    const [from, to] = range;
    if (from < 100 || to > 599) return { problem: `“${part}”: statuses are from 100 to 599.` };
    if (from > to) return { problem: `“${part}” begins with the larger one.` };
    ranges.push(range);
  }
  return { ranges };
}

function rangeOf(part: string): StatusRange | undefined {
  const hundreds = /^([1-5])xx$/i.exec(part);
  if (hundreds) return [Number(hundreds[1]) * 100, Number(hundreds[1]) * 100 + 99];
  const [, from, to = from] = /^(\d{1,4})(?:[-–](\d{1,4}))?$/.exec(part) ?? [];
  return from === undefined ? undefined : [Number(from), Number(to)];
}

export function formatStatuses(ranges: readonly (readonly [number, number])[]): string {
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
}
