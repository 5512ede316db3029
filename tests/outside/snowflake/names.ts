import { unquoted } from "./sql-text.ts";

/** Where a statement is when it names things in part. */
export interface Place {
  database: string | null;
  schema: string | null;
}

/** `DATABASE.SCHEMA.NAME`, upper case. */
export type FullName = string;

const PART = /"(?:[^"]|"")*"|[^.\s]+/g;

export function partsOf(name: string): string[] {
  return (name.match(PART) ?? []).map(unquoted);
}

/** A table's, view's or model's whole name; null where the place lacks what is missing. */
export function fullName(parts: string[], { database, schema }: Place): FullName | null {
  const whole = [database, schema].slice(0, Math.max(0, 3 - parts.length)).concat(parts);
  return whole.length === 3 && whole.every((part) => part !== null) ? whole.join(".") : null;
}

/** Of a schema: `DATABASE.SCHEMA`. */
export function fullSchema(parts: string[], { database }: Place): string | null {
  if (parts.length === 2) return parts.join(".");
  return parts.length === 1 && database !== null ? `${database}.${parts[0]}` : null;
}
