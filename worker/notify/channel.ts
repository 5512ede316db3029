import type { ChannelConfigOf, ChannelKind } from "../../contract/channels.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Message } from "./message.ts";

/** What a channel works with beside its message: the way out, and what the installation has. */
export interface Surroundings {
  /** Refuses what is not on the internet, unless the owner allows it; ends with `signal`. Follows no redirect. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  now: EpochMs;
  env: Pick<Env, "EMAIL">;
  vapid(): Promise<VapidKeys>;
}

export interface VapidKeys {
  publicKey: string;
  privateKey: JsonWebKey;
}

/** A way to tell somebody something. Adding one costs its file and its line in `index.ts`. */
export interface Channel<Kind extends ChannelKind> {
  /** It keeps an incident for each that it is told of, joins what repeats and gathers what is much: it gets no digests. */
  readonly keepsIncidents?: true;
  /** What its provider answered, fit to be shown: an id, a status. Throws `ChannelProblem` where it did not take it. */
  send(message: Message, config: ChannelConfigOf<Kind>, surroundings: Surroundings): Promise<string>;
}

/** Why a message was not taken. The channel alone knows whether trying again helps. */
export class ChannelProblem extends Error {
  readonly isPermanent: boolean;
  /** Not before so long from now, where the provider says so. */
  readonly retryAfterMs: DurationMs | undefined;

  constructor(message: string, { isPermanent, retryAfterMs }: { isPermanent: boolean; retryAfterMs?: DurationMs }) {
    super(message);
    this.isPermanent = isPermanent;
    this.retryAfterMs = retryAfterMs;
  }
}
