import type { Channel, ChannelProblem } from "../channel.ts";
import { mailOf } from "../mail.ts";
import { passing, permanent, said } from "../reply.ts";

/** Cloudflare Email Service by the Worker's own binding. Free to addresses that are verified in the account; to all on the Paid plan. */
export const email: Channel<"email"> = {
  async send(message, config, { env }) {
    // A Worker that was deployed before wrangler.toml named it has none.
    if (!(env as Partial<typeof env>).EMAIL) {
      throw permanent(
        "This Worker has no e-mail binding. Deploy it again with the wrangler.toml of this version, which names EMAIL under send_email.",
      );
    }
    try {
      const { messageId } = await env.EMAIL.send(mailOf(message, config));
      return `taken as ${said(messageId)}`;
    } catch (error) {
      throw problemOf(error, config.from);
    }
  },
};

const HOUR_MS = 3_600_000;

/** By the code that the binding's documentation lists. An error without a known one may pass. */
function problemOf(error: unknown, from: string): ChannelProblem {
  const { code = "", message = "" } = Object(error) as { code?: unknown; message?: unknown };
  const why = said(String(message));
  const domain = from.slice(from.lastIndexOf("@") + 1);
  switch (codeOf(String(code), why)) {
    case "E_SENDER_NOT_VERIFIED":
    case "E_SENDER_DOMAIN_NOT_AVAILABLE":
      return permanent(
        `Cloudflare does not let this account send from ${from}. In Cloudflare's dashboard, set up ${domain} under Email Service, or use an address of a domain that is.`,
      );
    case "E_RECIPIENT_NOT_ALLOWED":
      return permanent(
        `Cloudflare does not let this account write to a recipient (${why}). In Cloudflare's dashboard, verify the address under Email Routing, Destination addresses; the Paid plan writes to any.`,
      );
    case "E_RECIPIENT_SUPPRESSED":
      return permanent(
        `Cloudflare no longer writes to a recipient, because mail came back from there or was called spam (${why}). Take the address off the suppression list of Email Service, or off this channel.`,
      );
    case "E_RATE_LIMIT_EXCEEDED":
      return passing("Cloudflare was asked to send too often. It is tried again.");
    case "E_DAILY_LIMIT_EXCEEDED":
      return passing(
        "Cloudflare sends no more mail of this account today. It is tried again every hour; the limit is raised on request.",
        HOUR_MS,
      );
    case "E_DELIVERY_FAILED":
    case "E_INTERNAL_SERVER_ERROR":
    case "":
      return passing(`Cloudflare could not send it (${why}). It is tried again.`);
    default:
      return permanent(`Cloudflare refused the mail (${why}). Look whether its addresses are right.`);
  }
}

/** The older binding, and the one of a local Worker, say it in words alone. */
function codeOf(code: string, why: string): string {
  if (/^E_\w+$/.test(code)) return code;
  if (/email from .* not allowed/.test(why)) return "E_SENDER_NOT_VERIFIED";
  if (/email to .* not allowed|destination address/.test(why)) return "E_RECIPIENT_NOT_ALLOWED";
  return "";
}
