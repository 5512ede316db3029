import type { ChannelConfig, ChannelKind } from "../../contract/channels.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { log } from "../log.ts";
import type { Vault } from "../vault/vault.ts";
import { ChannelProblem, type Channel, type Surroundings } from "./channel.ts";
import { CHANNELS } from "./channels/index.ts";
import { joinSecrets } from "./config.ts";
import { spanInWords } from "./duration-words.ts";
import type { Message } from "./message.ts";
import { passing, permanent } from "./reply.ts";
import { secretsPurpose } from "./sealed-columns.ts";
import { withoutSecrets } from "./secret-words.ts";
import type { ChannelRow } from "./table.ts";
import { surroundingsOf } from "./way-out.ts";

/** What a delivery takes beside its message. */
export interface WayOut {
  env: Surroundings["env"];
  db: Database;
  vault: Vault;
  /** The owner allows addresses inside private networks. */
  allowsPrivate: boolean;
  timeoutMs: DurationMs;
  vapid?: Surroundings["vapid"];
}

/** One message through one channel. Answers what its provider said; throws `ChannelProblem` and nothing else. Nothing secret is in either. */
export async function deliver(message: Message, config: ChannelConfig, wayOut: WayOut, now: EpochMs): Promise<string> {
  const { timeoutMs, ...parts } = wayOut;
  const patience = new AbortController();
  const { signal } = patience;
  // Not `AbortSignal.timeout`: its timer would keep the object awake, and paid for, long after the answer.
  const timer = setTimeout(() => patience.abort(new Error("No answer in time")), timeoutMs);
  const surroundings = surroundingsOf({ ...parts, now, signal });
  const channel = CHANNELS[config.kind] as Channel<ChannelKind>;
  const sending = channel.send(message, config as never, surroundings);
  try {
    // Not all that a channel calls ends with the signal: the binding for e-mail does not.
    return withoutSecrets(await Promise.race([sending, ended(signal)]), config);
  } catch (error) {
    sending.catch(() => {});
    if (error instanceof ChannelProblem && !(signal.aborted && !error.isPermanent)) {
      const { isPermanent, retryAfterMs } = error;
      throw isPermanent
        ? permanent(withoutSecrets(error.message, config))
        : passing(withoutSecrets(error.message, config), retryAfterMs);
    }
    if (signal.aborted) {
      throw passing(`There was no answer within ${spanInWords(timeoutMs)}. It is tried again, and may come twice.`);
    }
    // Its words may hold an address with a key in it.
    log({
      event: "alerting_failed",
      what: `send by ${config.kind}`,
      message: error instanceof Error ? error.name : "unknown",
    });
    throw passing("Nephos could not send it, by a fault of its own. It is tried again.");
  } finally {
    clearTimeout(timer);
  }
}

/** Its configuration as it was entered. Throws a permanent `ChannelProblem` where it cannot be read. */
export async function configOf({ id, kind, config, secrets }: ChannelRow, vault: Vault): Promise<ChannelConfig> {
  let opened: Record<string, string> | null = null;
  try {
    if (secrets !== null) opened = JSON.parse(await vault.open(secrets, secretsPurpose(id))) as Record<string, string>;
  } catch {
    throw permanent("What is secret of this channel cannot be read any more. Enter it anew.");
  }
  return joinSecrets(kind, config, opened);
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}
