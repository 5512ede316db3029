/** The list of tables, for drizzle-kit. */
export * from "../accounts/table.ts";
export * from "../alerts/table.ts";
export * from "../audit/table.ts";
export * from "../auth/table.ts";
export * from "../checks/table.ts";
export * from "../export/table.ts";
export * from "../insights/table.ts";
export * from "../instances/table.ts";
export * from "../notify/table.ts";
export * from "../providers/table.ts";
export * from "../sentinel/table.ts";
export * from "../series/table.ts";
export * from "../snowflake/table.ts";
