import { z } from "zod";
import {
  CHANNEL_KINDS,
  CHANNEL_SECRETS,
  channelConfigSchema,
  type ChannelConfig,
  type ChannelKind,
} from "../../contract/channels.ts";
import type { ApiContext } from "../auth/api.ts";
import { parsed } from "../body.ts";
import { readSettings } from "../checks/store.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { ChannelProblem } from "../notify/channel.ts";
import { configOf } from "../notify/delivery.ts";
import { splitSecrets } from "../notify/config.ts";
import { secretsPurpose } from "../notify/sealed-columns.ts";
import { sendTest } from "../notify/send-test.ts";
import type { ChannelRow } from "../notify/table.ts";
import { refuseUnlessOutside } from "../outside-address.ts";
import { SEND_TIMEOUT_MS } from "../settings.ts";
import { vaultOf } from "../vault/vault.ts";
import { done } from "./change.ts";
import { whereTo } from "./channel-words.ts";

/** How a channel's way is entered: what may be an address, what stays as it was, and that it works before it is kept. */

const REACHABLE = "Enter an address that can be reached from the internet.";
const ADDRESSES = ["url", "endpoint", "server"] as const;

/** Refuses addresses that are not on the internet, unless the owner allows them. */
export async function refuseConfig(db: Database, config: ChannelConfig): Promise<void> {
  const { allowsPrivateTargets } = await readSettings(db);
  const entered: Record<string, unknown> = config;
  for (const name of ADDRESSES) {
    const address = entered[name];
    if (typeof address === "string")
      refuseUnlessOutside(`config.${name}`, new URL(address), allowsPrivateTargets, REACHABLE);
  }
  if (config.kind === "webhook" && config.secret === undefined) {
    throw new NephosError("invalid_field", "config.secret: must be given: requests are signed with it", {
      field: "config.secret",
      remedy: "Make a long random one, and enter it here and where the requests arrive.",
    });
  }
}

/** The configuration as it would be: secrets that are not entered again stay as they were. */
export async function changedConfig(
  c: ApiContext,
  row: ChannelRow,
  given: { kind: ChannelKind } & Record<string, unknown>,
): Promise<ChannelConfig> {
  if (given.kind !== row.kind) {
    throw new NephosError("invalid_field", `config.kind: must be ${row.kind}, as the channel is`, {
      field: "config.kind",
      remedy: "Add another channel for another kind.",
    });
  }
  const secrets: readonly string[] = CHANNEL_SECRETS[row.kind];
  const isMissing = secrets.some((name) => given[name] === undefined);
  const kept = isMissing && row.secrets !== null ? await secretsOf(c, row, secrets) : {};
  refuseSecretsElsewhere(row, given, kept);
  return parsed(z.object({ config: channelConfigSchema }), { config: { ...kept, ...defined(given) } }).config;
}

/** Whoever names another address of an API would be sent the key. */
function refuseSecretsElsewhere(
  row: ChannelRow,
  given: Record<string, unknown>,
  kept: Readonly<Record<string, unknown>>,
): void {
  for (const name of ["endpoint", "server"] as const) {
    if ((given[name] ?? null) === (row.config[name] ?? null)) continue;
    const absent = Object.keys(kept).find((secret) => given[secret] === undefined);
    if (absent === undefined) continue;
    throw new NephosError("invalid_field", `config.${absent}: another address takes the key anew`, {
      field: `config.${absent}`,
      remedy: "Enter the key together with the address it is for.",
    });
  }
}

async function secretsOf(c: ApiContext, row: ChannelRow, names: readonly string[]): Promise<Record<string, unknown>> {
  try {
    const whole: Record<string, unknown> = await configOf(row, vaultOf(c.env));
    return defined(Object.fromEntries(names.map((name) => [name, whole[name]])));
  } catch (error) {
    if (!(error instanceof ChannelProblem)) throw error;
    return {};
  }
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What of a channel's row its configuration is. */
export async function keptConfig(
  c: ApiContext,
  id: string,
  whole: ChannelConfig,
): Promise<Pick<ChannelRow, "config" | "secrets">> {
  const { config, secrets } = splitSecrets(whole);
  const sealed = secrets && (await vaultOf(c.env).seal(JSON.stringify(secrets), secretsPurpose(id)));
  return { config, secrets: sealed };
}

/** Sends a test there; what its provider said against it is the refusal. */
export async function tested(c: ApiContext, db: Database, name: string, config: ChannelConfig) {
  const { allowsPrivateTargets: allowsPrivate } = await readSettings(db);
  const way = { env: c.env, db, vault: vaultOf(c.env), allowsPrivate, timeoutMs: SEND_TIMEOUT_MS };
  try {
    const { origin } = new URL(c.req.url);
    return await sendTest(config, { ...way, channelName: name, origin }, Date.now());
  } catch (error) {
    // A request went out, wherever it was to: whoever looks into it later finds who had it sent.
    if (error instanceof ChannelProblem) {
      await done(c, "channel.tested", name, {
        after: `${[CHANNEL_KINDS[config.kind], whereTo(config)].filter(Boolean).join(" to ")}: did not arrive`,
      });
    }
    throw refusalOf(error, config.kind);
  }
}

export function refusalOf(error: unknown, kind: ChannelKind): unknown {
  if (!(error instanceof ChannelProblem)) return error;
  return new NephosError("channel_refused", error.message, {
    field: "config",
    remedy: `This came of a test through ${CHANNEL_KINDS[kind]}. Correct what it names; nothing new was kept.`,
  });
}
