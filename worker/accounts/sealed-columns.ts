import type { SealedColumn } from "../vault/sealed-column.ts";

export const totpPurpose = (personId: string) => `totp ${personId}`;
export const providerPurpose = (id: string) => `provider ${id}`;

/** Every column of this room that holds sealed texts. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "totp", id: "person_id", column: "secret", purposeOf: totpPurpose },
  { table: "provider", id: "id", column: "client_secret", purposeOf: providerPurpose },
];
