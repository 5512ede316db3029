import type { SealedColumn } from "../vault/sealed-column.ts";

export const credentialsPurpose = (accountId: string) => `provider account ${accountId}`;

/** Every column of this room that holds sealed texts. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "provider_account", id: "id", column: "credentials", purposeOf: credentialsPurpose },
];
