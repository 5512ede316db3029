import { z } from "zod";
import type { Channel, ChannelProblem } from "../channel.ts";
import { baseOf, fitted, htmlOf, laidOut, signOf } from "../fit.ts";
import type { Message } from "../message.ts";
import { passing, permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "Telegram";
const TEXT_MAX = 4_096;

const takenSchema = z.object({ ok: z.literal(true), result: z.object({ message_id: z.int() }) });
const problemSchema = z.object({
  description: z.string().catch(""),
  parameters: z
    .object({ retry_after: z.int().nonnegative().optional(), migrate_to_chat_id: z.int().optional() })
    .catch({}),
});

/** https://core.telegram.org/bots/api#sendmessage */
export const telegram: Channel<"telegram"> = {
  async send(message, config, surroundings) {
    const base = baseOf(config.endpoint, "https://api.telegram.org");
    const url = `${base}/bot${encodeURIComponent(config.botToken).replaceAll("%3A", ":")}/sendMessage`;
    const reply = await replyTo(surroundings, NAME, url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        chat_id: config.chatId,
        text: textOf(message),
        parse_mode: "HTML",
        link_preview_options: { is_disabled: true },
      }),
    });
    const taken = reply.status === 200 ? takenSchema.safeParse(reply.json).data : undefined;
    if (!taken) throw problemOf(reply);
    return `taken as message ${taken.result.message_id}`;
  },
};

/** The limit is on what is left after the tags; keeping it with them is on the safe side. */
function textOf(message: Message): string {
  const { subject, summary, facts, advice, url } = message;
  const written = htmlOf;
  const parts = {
    head: [`${signOf(message)} <b>${htmlOf(subject)}</b>`, fitted(summary, 1_000, { written })],
    facts: facts.map(
      ([label, value]) => `<b>${fitted(label, 100, { written })}</b> ${fitted(value, 500, { written })}`,
    ),
    foot: [
      ...(advice === null ? [] : [fitted(advice, 800, { written })]),
      `<a href="${htmlOf(url)}">Open in Nephos</a>`,
    ],
  };
  return laidOut(parts, TEXT_MAX);
}

/** By `description`: Telegram has no codes but the status. The token in the address is never said. */
function problemOf(reply: Reply): ChannelProblem {
  const { status } = reply;
  const { description = "", parameters = {} } = problemSchema.safeParse(reply.json).data ?? {};
  const why = said(description);
  if (status === 429) {
    const afterMs = parameters.retry_after === undefined ? reply.retryAfterMs : parameters.retry_after * 1_000;
    return passing("Telegram says that it was asked too often. It is tried again.", afterMs);
  }
  if (status === 401 || status === 404) {
    return permanent(
      `Telegram does not know this bot (${why || status}). Copy the token from @BotFather and enter it anew.`,
    );
  }
  if (parameters.migrate_to_chat_id !== undefined) {
    return permanent(
      `The group has become a supergroup, which has another number. Enter ${parameters.migrate_to_chat_id} as the chat.`,
    );
  }
  if (/chat not found|CHAT_ID_INVALID|PEER_ID_INVALID/i.test(why)) {
    return permanent(
      `Telegram does not find the chat for this bot (${why}). Look at its number; a person has to have written to the bot first, and a channel has to have it as an administrator.`,
    );
  }
  if (status === 403) {
    return permanent(
      `The bot may not write there (${why}). Add it to the chat again, or have the person start it again, then retry this message.`,
    );
  }
  return refusedFor(NAME, reply, why);
}
