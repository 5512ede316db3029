import type { ChannelKind } from "../../../contract/channel-kinds.ts";
import { DiscordReceiver } from "./discord.ts";
import { NtfyReceiver } from "./ntfy.ts";
import { OpsgenieReceiver } from "./opsgenie.ts";
import { PagerDutyReceiver } from "./pagerduty.ts";
import { PushService } from "./push-service.ts";
import { PushoverReceiver } from "./pushover.ts";
import { ResendReceiver } from "./resend.ts";
import { SesReceiver } from "./ses.ts";
import { SlackReceiver } from "./slack.ts";
import { SnsReceiver } from "./sns.ts";
import { TeamsReceiver } from "./teams.ts";
import { TelegramReceiver } from "./telegram.ts";
import { WebhookReceiver } from "./webhook.ts";

/** Cloudflare's own e-mail has no address to send to. */
export type ReceiverKind = Exclude<ChannelKind, "email">;

interface Startable {
  start(): Promise<{ url: string; stop(): Promise<void> }>;
}

/** By the kind of the contract. */
export const RECEIVERS: Record<ReceiverKind, Startable> = {
  ses: SesReceiver,
  resend: ResendReceiver,
  sns: SnsReceiver,
  webhook: WebhookReceiver,
  slack: SlackReceiver,
  discord: DiscordReceiver,
  teams: TeamsReceiver,
  telegram: TelegramReceiver,
  pagerduty: PagerDutyReceiver,
  opsgenie: OpsgenieReceiver,
  ntfy: NtfyReceiver,
  pushover: PushoverReceiver,
  webpush: PushService,
};
