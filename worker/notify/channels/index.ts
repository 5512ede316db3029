import type { ChannelKind } from "../../../contract/channel-kinds.ts";
import type { Channel } from "../channel.ts";
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { ntfy } from "./ntfy.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerduty } from "./pagerduty.ts";
import { pushover } from "./pushover.ts";
import { resend } from "./resend.ts";
import { ses } from "./ses.ts";
import { slack } from "./slack.ts";
import { sns } from "./sns.ts";
import { teams } from "./teams.ts";
import { telegram } from "./telegram.ts";
import { webhook } from "./webhook.ts";
import { webpush } from "./webpush.ts";

/** Every way there is to tell somebody something. */
export const CHANNELS: { [Kind in ChannelKind]: Channel<Kind> } = {
  email,
  ses,
  resend,
  sns,
  webhook,
  slack,
  discord,
  teams,
  telegram,
  pagerduty,
  opsgenie,
  ntfy,
  pushover,
  webpush,
};
