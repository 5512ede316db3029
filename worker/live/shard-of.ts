/** Which shard an instance lives in. One for all, until one is too small: on the Free plan only one may stay awake all day. */
export function shardOf(_instanceId: string): string {
  return ONLY_SHARD;
}

/** Where viewers connect, and where a token is known before its instance is. */
export const ONLY_SHARD = "fleet-0";
