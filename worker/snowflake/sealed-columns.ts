import type { SealedColumn } from "../vault/sealed-column.ts";

export const snowflakeAuthPurpose = () => "snowflake connection 1";

/** Every column of this room that holds sealed texts. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "snowflake_connection", id: "id", column: "auth", purposeOf: snowflakeAuthPurpose },
];
