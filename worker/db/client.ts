import { drizzle } from "drizzle-orm/d1";

/** Drizzle over D1. `$client` is the bare database, for statements whose shape is the point (bulk by `json_each`). */
export function database(d1: D1Database) {
  return drizzle(d1);
}
export type Database = ReturnType<typeof database>;
