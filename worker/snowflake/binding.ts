import type { EpochMs } from "../../contract/units.ts";

/** A value in place of a `?`: nothing is ever pasted into a statement. All values travel as text (SQL API, "Using bind variables"). */
export interface Binding {
  type: "TEXT" | "FIXED" | "REAL" | "BOOLEAN" | "TIMESTAMP_NTZ";
  value: string | null;
}

export function textBinding(value: string | null): Binding {
  return { type: "TEXT", value };
}

/** A whole number. */
export function fixedBinding(value: number): Binding {
  return { type: "FIXED", value: BigInt(Math.round(value)).toString() };
}

export function realBinding(value: number): Binding {
  return { type: "REAL", value: String(value) };
}

/** A moment in UTC: Snowflake takes nanoseconds. */
export function momentBinding(at: EpochMs): Binding {
  return { type: "TIMESTAMP_NTZ", value: `${BigInt(Math.round(at)) * 1_000_000n}` };
}

/** Rows or an object as one text, for `PARSE_JSON(?)`: arrays cannot be bound. */
export function jsonBinding(value: unknown): Binding {
  return { type: "TEXT", value: JSON.stringify(value) };
}
