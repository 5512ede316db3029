/** The list of tables, for drizzle-kit. */
export * from "../auth/table.ts";
export * from "../instances/table.ts";
export * from "../sentinel/table.ts";
export * from "../series/table.ts";
