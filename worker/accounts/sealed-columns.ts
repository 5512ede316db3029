import type { SealedColumn } from "../vault/sealed-column.ts";

export const totpPurpose = (personId: string) => `totp ${personId}`;
export const identityProviderPurpose = (id: string) => `identity provider ${id}`;

/** Every column of this room that holds sealed texts. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "totp", id: "person_id", column: "secret", purposeOf: totpPurpose },
  { table: "identity_provider", id: "id", column: "client_secret", purposeOf: identityProviderPurpose },
];
