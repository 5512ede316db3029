import { z } from "zod";
import type { Channel, ChannelProblem } from "../channel.ts";
import { fitted, laidOut, signOf } from "../fit.ts";
import type { Message } from "../message.ts";
import { passing, permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "Discord";
const TITLE_MAX = 256;
const DESCRIPTION_MAX = 4_096;

const COLOURS = { resolved: 0x2e_a0_43, critical: 0xd7_3a_49, warning: 0xe3_a0_08 };

const takenSchema = z.object({ id: z.string().min(1) });
const problemSchema = z.object({
  message: z.string().catch(""),
  code: z.number().catch(0),
  retry_after: z.number().nonnegative().optional().catch(undefined),
});

/** https://discord.com/developers/docs/resources/webhook#execute-webhook */
export const discord: Channel<"discord"> = {
  async send(message, config, surroundings) {
    const url = new URL(config.url);
    // It answers with the message it has made, or says why not.
    url.searchParams.set("wait", "true");
    const reply = await replyTo(surroundings, NAME, url.href, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ embeds: [embedOf(message)], allowed_mentions: { parse: [] } }),
    });
    const taken = reply.status === 200 ? takenSchema.safeParse(reply.json).data : undefined;
    if (!taken) throw problemOf(reply);
    return `taken as ${said(taken.id)}`;
  },
};

function embedOf(message: Message) {
  const { subject, summary, facts, advice, url, severity, isResolved, at } = message;
  const parts = {
    head: [fitted(summary, 1_000, { written: escaped })],
    facts: facts.map(
      ([label, value]) => `**${fitted(label, 100, { written: escaped })}** ${fitted(value, 500, { written: escaped })}`,
    ),
    foot: advice === null ? [] : [fitted(advice, 1_000, { written: escaped })],
  };
  return {
    title: `${signOf(message)} ${fitted(subject, TITLE_MAX - 3, { written: escaped })}`,
    description: laidOut(parts, DESCRIPTION_MAX),
    url,
    color: isResolved ? COLOURS.resolved : COLOURS[severity],
    timestamp: new Date(at).toISOString(),
  };
}

/** Markdown, mentions (`<@1>`), links with a text of their own and those that are bare. */
function escaped(text: string): string {
  return text.replace(/[\\*_~`|<>[\]#:]/g, String.raw`\$&`);
}

/** By https://discord.com/developers/docs/topics/opcodes-and-status-codes and .../topics/rate-limits. */
function problemOf(reply: Reply): ChannelProblem {
  const { status } = reply;
  const { message = "", code = 0, retry_after } = problemSchema.safeParse(reply.json).data ?? {};
  const why = said(message);
  if (status === 429) {
    const afterMs = retry_after === undefined ? reply.retryAfterMs : Math.ceil(retry_after * 1_000);
    return passing("Discord says that it was asked too often. It is tried again.", afterMs);
  }
  if (status === 401 || status === 404) {
    return permanent(
      `Discord does not know this webhook any more (${why || status}). Make a new one in the channel's settings, under Integrations, and enter its address.`,
    );
  }
  return refusedFor(NAME, reply, [code || "", why].filter(Boolean).join(", "));
}
