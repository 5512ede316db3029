import { CHANNEL_SECRETS, channelConfigSchema, type ChannelConfig, type ChannelKind } from "../../contract/channels.ts";
import { permanent } from "./reply.ts";

/** A channel's configuration is kept in two: what may be shown, and what is sealed. Its kind has a column of its own. */
export function splitSecrets({ kind, ...fields }: ChannelConfig): {
  config: Record<string, unknown>;
  secrets: Record<string, string> | null;
} {
  const names: readonly string[] = CHANNEL_SECRETS[kind];
  const config: Record<string, unknown> = {};
  const secrets: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!names.includes(name)) config[name] = value;
    else if (typeof value === "string") secrets[name] = value;
  }
  return { config, secrets: Object.keys(secrets).length > 0 ? secrets : null };
}

/** Both together again. Throws a permanent `ChannelProblem` where something is missing that this version needs. */
export function joinSecrets(
  kind: ChannelKind,
  config: Record<string, unknown>,
  secrets: Record<string, string> | null,
): ChannelConfig {
  const joined = channelConfigSchema.safeParse({ ...config, ...secrets, kind });
  if (joined.success) return joined.data;
  const fields = [...new Set(joined.error.issues.map(({ path }) => path.join(".")))].join(", ");
  throw permanent(`What is kept of this channel is not complete (${fields}). Enter it anew.`);
}
