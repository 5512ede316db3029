import type { ChannelConfig } from "../../contract/channels.ts";
import type { EpochMs } from "../../contract/units.ts";
import { testMessage } from "./compose.ts";
import { deliver, type WayOut } from "./delivery.ts";

/** A test through a channel, kept or not yet. Answers what its provider said and how long that took; throws `ChannelProblem`. */
export async function sendTest(
  config: ChannelConfig,
  { channelName, origin, ...wayOut }: WayOut & { channelName: string; origin: string },
  now: EpochMs,
): Promise<{ answer: string; tookMs: number }> {
  const message = testMessage(`test.${crypto.randomUUID()}`, channelName, origin, now);
  const begun = Date.now();
  const answer = await deliver(message, config, wayOut, now);
  return { answer, tookMs: Date.now() - begun };
}
