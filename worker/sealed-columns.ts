import { SEALED_COLUMNS as accounts } from "./accounts/sealed-columns.ts";
import { SEALED_COLUMNS as checks } from "./checks/sealed-columns.ts";
import { SEALED_COLUMNS as notify } from "./notify/sealed-columns.ts";
import { SEALED_COLUMNS as providers } from "./providers/sealed-columns.ts";
import { SEALED_COLUMNS as snowflake } from "./snowflake/sealed-columns.ts";
import type { SealedColumn } from "./vault/sealed-column.ts";

/** Every column of every room that holds sealed texts: what a new key has to reach. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [...accounts, ...providers, ...checks, ...notify, ...snowflake];
