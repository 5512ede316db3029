import type { ChannelConfig } from "../../contract/channels.ts";

/** What the log says of a channel's way: nothing that is secret of it. */

const RECIPIENTS = ["to", "chatId", "topicArn", "browser"] as const;
const NAMED_MAX = 10;
const ADDRESSES = ["url", "server", "endpoint"] as const;

type Shown = Record<string, unknown>;

/** Who is told now and was not before, of what may be shown; empty where there is nobody. */
export function newRecipients(before: Shown, after: Shown): string {
  const known = new Set(recipientsIn(before));
  const added = recipientsIn(after).filter((one) => !known.has(one));
  const more = added.length - NAMED_MAX;
  return added.slice(0, NAMED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Where a message went: whom it was for, or the host. The rest of an address may be its key. */
export function whereTo(config: ChannelConfig): string {
  const fields: Shown = config;
  const address = ADDRESSES.map((name) => fields[name]).find((one) => typeof one === "string");
  const host = typeof address === "string" ? new URL(address).host : "";
  return newRecipients({}, config.kind === "webpush" ? {} : fields) || host;
}

function recipientsIn(config: Shown): string[] {
  return RECIPIENTS.flatMap((name) => config[name]).filter((one) => typeof one === "string");
}
