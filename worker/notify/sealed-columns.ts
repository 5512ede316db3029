import type { SealedColumn } from "../vault/sealed-column.ts";

export const secretsPurpose = (channelId: string) => `channel secrets ${channelId}`;
export const webPushKeyPurpose = () => "web push key";

/** Every column of this room that holds sealed texts. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "channel", id: "id", column: "secrets", purposeOf: secretsPurpose },
  { table: "notify_setting", id: "id", column: "vapid_private_key", purposeOf: webPushKeyPurpose },
];
