import type { SealedColumn } from "../vault/sealed-column.ts";

export const headersPurpose = (checkId: string) => `check headers ${checkId}`;
export const heartbeatPurpose = () => "sentinel heartbeat";

/** Every column of this room that holds sealed texts. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "health_check", id: "id", column: "headers", purposeOf: headersPurpose },
  { table: "sentinel_setting", id: "id", column: "heartbeat_url", purposeOf: heartbeatPurpose },
];
