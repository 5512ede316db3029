import { z } from "zod";
import type { Channel, ChannelProblem } from "../channel.ts";
import { baseOf, bytesOf, fitted, laidOut } from "../fit.ts";
import type { Message } from "../message.ts";
import { passing, permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "ntfy";
/** What is longer than 4,096 bytes is taken for an attachment. */
const TEXT_BYTES_MAX = 4_000;
const HOUR_MS = 3_600_000;

const takenSchema = z.object({ id: z.string().min(1) });
const problemSchema = z.object({ code: z.number().catch(0), error: z.string().catch("") });

/** https://docs.ntfy.sh/publish/#publish-as-json */
export const ntfy: Channel<"ntfy"> = {
  async send(message, config, surroundings) {
    const reply = await replyTo(surroundings, NAME, `${baseOf(config.server, "https://ntfy.sh")}/`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(config.token && { authorization: `Bearer ${config.token}` }),
      },
      body: JSON.stringify({
        topic: config.topic,
        title: message.subject,
        message: textOf(message),
        priority: priorityOf(message),
        tags: [
          message.isResolved ? "white_check_mark" : message.severity === "critical" ? "rotating_light" : "warning",
        ],
        click: message.url,
      }),
    });
    const taken = reply.status === 200 ? takenSchema.safeParse(reply.json).data : undefined;
    if (!taken) throw problemOf(reply, config);
    return `taken as ${said(taken.id)}`;
  },
};

/** 5 makes itself heard for long, 3 is the usual. */
function priorityOf({ kind, severity, isResolved }: Message): number {
  if (isResolved || kind === "test") return 3;
  return severity === "critical" ? 5 : 4;
}

function textOf({ summary, facts, advice }: Message): string {
  const sizeOf = bytesOf;
  const parts = {
    head: [fitted(summary, 1_000, { sizeOf })],
    facts: facts.map(([label, value]) => `${fitted(label, 100, { sizeOf })}: ${fitted(value, 500, { sizeOf })}`),
    foot: advice === null ? [] : [fitted(advice, 1_000, { sizeOf })],
  };
  return laidOut(parts, TEXT_BYTES_MAX, bytesOf);
}

/** By https://github.com/binwiederhier/ntfy/blob/main/server/errors.go */
function problemOf(
  reply: Reply,
  { topic, token }: { topic: string; token?: string | null | undefined },
): ChannelProblem {
  const { status } = reply;
  const { code = 0, error = "" } = problemSchema.safeParse(reply.json).data ?? {};
  const why = said(error);
  if (status === 401) {
    return permanent(
      `The ntfy server does not accept the access token (${why || status}). Make one in its account settings, and enter it anew.`,
    );
  }
  if (status === 403) {
    return permanent(
      token
        ? `The access token may not write to the topic ${topic} (${why || status}). Allow it there, or choose another topic.`
        : `The topic ${topic} is reserved or closed (${why || status}). Enter an access token that may write to it.`,
    );
  }
  if (status === 404 || status === 405) {
    return permanent(`There is no ntfy server at this address (status ${status}). Enter the server without the topic.`);
  }
  if (status === 429 && /daily|quota/i.test(why)) {
    return passing(`The ntfy server takes no more today (${why}). It is tried again every hour.`, HOUR_MS);
  }
  return refusedFor(NAME, reply, [code || "", why].filter(Boolean).join(", "));
}
