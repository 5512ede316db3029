/**
 * Cells of a result set by their column's type. Everything arrives as text or null (SQL API, "Getting the data from the results"): dates
 * as days, times and timestamps as seconds with a fraction, TIMESTAMP_TZ with its zone behind a space. No output format is ever asked
 * for, as that would change them.
 */
export interface Column {
  name: string;
  /** In lower case: `fixed`, `text`, `timestamp_ntz`. */
  type: string;
  scale: number | null;
}

/** Timestamps and dates are milliseconds since 1970, times since midnight; VARIANT, OBJECT and ARRAY what their JSON says. */
export type Cell = number | string | boolean | null | object;

const DAY_MS = 86_400_000;

export function decodedCell(text: string | null, { type }: Pick<Column, "type">): Cell {
  if (text === null) return null;
  switch (type) {
    case "fixed":
      return decimal(text);
    case "real":
    case "decfloat":
      return finite(text);
    case "boolean":
      return text === "true" || text === "1";
    case "date":
      return Number(text) * DAY_MS;
    case "time":
    case "timestamp_ntz":
    case "timestamp_ltz":
      return milliseconds(text);
    case "timestamp_tz":
      return milliseconds(text.split(" ")[0]!);
    case "variant":
    case "object":
    case "array":
    case "map":
      return parsed(text);
    default:
      return text;
  }
}

/** A whole number that a double cannot hold stays text. */
function decimal(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) && (text.includes(".") || Number.isSafeInteger(value)) ? value : text;
}

function finite(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Of "1700000000.123456789": finer than a millisecond is cut off, also before 1970. */
function milliseconds(text: string): number {
  const [, sign, seconds, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (seconds === undefined) return Number.NaN;
  const ms = Number(seconds) * 1_000 + Number(fraction.padEnd(3, "0").slice(0, 3));
  return sign === "-" ? -ms : ms;
}

/** What is no JSON after all (a VARIANT may hold `undefined`) stays text. */
function parsed(text: string): Cell {
  try {
    return JSON.parse(text) as Cell;
  } catch {
    return text;
  }
}
