import { z } from "zod";
import type { Channel, ChannelProblem } from "../channel.ts";
import { baseOf, fitted, htmlOf, laidOut } from "../fit.ts";
import type { Message } from "../message.ts";
import { permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "Pushover";
const TITLE_MAX = 250;
const TEXT_MAX = 1_024;
const URL_MAX = 512;

const takenSchema = z.object({ status: z.literal(1), request: z.string().min(1) });
const problemSchema = z.object({
  errors: z.array(z.string()).catch([]),
  token: z.string().optional().catch(undefined),
  user: z.string().optional().catch(undefined),
});

/** https://pushover.net/api */
export const pushover: Channel<"pushover"> = {
  async send(message, config, surroundings) {
    const { subject, severity, isResolved, kind, url, at } = message;
    const reply = await replyTo(
      surroundings,
      NAME,
      `${baseOf(config.endpoint, "https://api.pushover.net")}/1/messages.json`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          token: config.appToken,
          user: config.userKey,
          title: fitted(subject, TITLE_MAX),
          message: textOf(message),
          html: 1,
          // 1 is heard in the phone's quiet hours too.
          priority: severity === "critical" && !isResolved && kind !== "test" ? 1 : 0,
          timestamp: Math.floor(at / 1_000),
          ...(url.length <= URL_MAX && { url, url_title: "Open in Nephos" }),
        }),
      },
    );
    const taken = reply.status === 200 ? takenSchema.safeParse(reply.json).data : undefined;
    if (!taken) throw problemOf(reply);
    return `taken as ${said(taken.request)}`;
  },
};

/** Tags count. */
function textOf({ summary, facts, advice }: Message): string {
  const written = htmlOf;
  const parts = {
    head: [fitted(summary, 400, { written })],
    facts: facts.map(([label, value]) => `<b>${fitted(label, 60, { written })}</b> ${fitted(value, 200, { written })}`),
    foot: advice === null ? [] : [fitted(advice, 300, { written })],
  };
  return laidOut(parts, TEXT_MAX);
}

function problemOf(reply: Reply): ChannelProblem {
  const { status, headers } = reply;
  const { errors = [], token, user } = problemSchema.safeParse(reply.json).data ?? {};
  const why = said(errors.join(", "));
  // A 429 with something left is one of Pushover's front.
  if (status === 429 && (headers.get("x-limit-app-remaining") ?? "0") === "0") {
    return permanent(
      `Pushover takes no more messages of this application until ${endOf(headers)}: those of the month are used up. Buy more there, or wait, then retry this message.`,
    );
  }
  if (status === 400 && (token === "invalid" || /application token/i.test(why))) {
    return permanent(
      `Pushover does not know the application token (${why}). Copy it from the application's page at pushover.net, and enter it anew.`,
    );
  }
  if (status === 400 && (user === "invalid" || /user/i.test(why))) {
    return permanent(
      `Pushover does not take the user key (${why}). Copy it from the first page at pushover.net, and look whether a device is registered there.`,
    );
  }
  return refusedFor(NAME, reply, why);
}

function endOf(headers: Headers): string {
  const seconds = Number(headers.get("x-limit-app-reset") ?? NaN);
  return Number.isSafeInteger(seconds) && seconds > 0
    ? new Date(seconds * 1_000).toISOString().slice(0, 10)
    : "the month's end";
}
