import { CHANNEL_KINDS, type ChannelKind } from "../../../../contract/channel-kinds.ts";
import type { Channel } from "../../../../contract/channels.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { formatSpan } from "../checks/span.ts";
import { formatAgo } from "../format/ago.ts";
import { formatMoment } from "../format/day.ts";
import { weeklyInWords } from "../silences/weekly.ts";

/** What it is and where it goes, as far as that is no secret. */
export function wayInWords({ kind, config }: Pick<Channel, "kind" | "config">): string {
  const label = CHANNEL_KINDS[kind];
  const where = placeOf(kind, config);
  return where === "" ? label : `${label}, ${where}`;
}

function placeOf(kind: ChannelKind, config: Channel["config"]): string {
  const text = (name: string) => (typeof config[name] === "string" ? config[name] : "");
  switch (kind) {
    case "email":
    case "ses":
    case "resend": {
      const to = Array.isArray(config["to"]) ? config["to"].map(String) : [];
      return to.length > 2
        ? `to ${to[0]} and ${to.length - 1} others`
        : to.length === 0
          ? ""
          : `to ${to.join(" and ")}`;
    }
    case "sns":
      return text("topicArn").split(":").at(-1) ?? "";
    case "telegram":
      return text("chatId") && `chat ${text("chatId")}`;
    case "opsgenie":
      return text("site") === "eu" ? "European Union" : "";
    case "ntfy":
      return text("server") && `at ${text("server").replace(/^https?:\/\//, "")}`;
    case "webpush":
      return text("browser");
    default:
      return "";
  }
}

/** What it is told, and when: `Critical only, tagged prod, after 10 min unless acknowledged, reminds every 1 h`. */
export function routingInWords(channel: Channel, scope: string): string {
  const { minSeverity, afterMs, repeatMs, quietHours, tellsResolved } = channel;
  return [
    minSeverity === "critical" ? "Critical only" : "Warnings and critical",
    scope,
    afterMs > 0 && `what nobody has acknowledged after ${formatSpan(afterMs)}`,
    repeatMs !== null && `reminds every ${formatSpan(repeatMs)}`,
    quietHours &&
      `quiet ${weeklyInWords(quietHours)}${quietHours.letsCriticalThrough ? " (critical ones go through)" : ""}`,
    !tellsResolved && "not when it is over",
  ]
    .filter(Boolean)
    .join(", ");
}

/** When it last worked. */
export function healthInWords(
  { lastSentAt, problem }: Pick<Channel, "lastSentAt" | "problem">,
  now: EpochMs,
): { text: string; title: string | undefined; tone: "good" | "bad" | "none" } {
  const sent = lastSentAt === null ? "Nothing sent yet" : `Last sent ${formatAgo(lastSentAt, now)}`;
  const title = lastSentAt === null ? undefined : formatMoment(lastSentAt);
  if (problem) return { text: sent, title, tone: "bad" };
  return { text: sent, title, tone: lastSentAt === null ? "none" : "good" };
}

/** What a kind is called that nobody names. */
export function suggestedName(kind: ChannelKind, browser = ""): string {
  if (kind === "webpush") return browser;
  return CHANNEL_KINDS[kind].replace(/ \(.*\)$/, "");
}
