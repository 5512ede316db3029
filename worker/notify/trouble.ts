import type { DurationMs } from "../../contract/units.ts";
import type { NotificationMessage, NotificationRow } from "./table.ts";

/** That a channel has begun to fail: told to others, once for all that fail together. */

/** Channels of the same provider do not fail at the same moment. */
export const TROUBLE_GATHER_MS: DurationMs = 30_000;
/** Of the same channel nothing is said again before; one that comes and goes is no news. */
export const TROUBLE_AGAIN_MS: DurationMs = 3_600_000;
export const IN_OTHER_TROUBLE = "Told together with that of another channel.";
const NAMED_MAX = 3;

export function troublePrefix(channelId: string): string {
  return `trouble.${channelId}.`;
}

/** One that stands for several, as the first of them. */
export function togetherOf(rows: readonly NotificationRow[]): NotificationMessage {
  const messages = rows.map(({ message }) => message);
  const names = messages.flatMap((message) => message.names);
  const shown = names.slice(0, NAMED_MAX);
  const left = names.length - shown.length;
  const listed =
    left > 0 ? `${shown.join(", ")} and ${left} more` : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
  return {
    ...messages[0]!,
    severity: messages.some(({ severity }) => severity === "critical") ? "critical" : "warning",
    title: `The channels ${listed} do not work`,
    reason: messages.map((message) => `${message.names.join(", ")}: ${message.reason}`).join(" "),
    at: Math.max(...messages.map(({ at }) => at)),
    openedAt: Math.min(...messages.map(({ openedAt }) => openedAt)),
    members: names.length,
    names,
    channelIds: messages.flatMap(({ channelIds = [] }) => channelIds),
  };
}
