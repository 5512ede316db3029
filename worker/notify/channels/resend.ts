import { z } from "zod";
import type { Channel, ChannelProblem } from "../channel.ts";
import { addressLine, mailOf } from "../mail.ts";
import { passing, permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "Resend";
const HOUR_MS = 3_600_000;

const takenSchema = z.object({ id: z.string().min(1) });
const problemSchema = z.object({ name: z.string().catch(""), message: z.string().catch("") });

/** https://resend.com/docs/api-reference/emails/send-email */
export const resend: Channel<"resend"> = {
  async send(message, config, surroundings) {
    const { from, ...mail } = mailOf(message, config);
    const base = config.endpoint?.replace(/\/+$/, "") ?? "https://api.resend.com";
    const reply = await replyTo(surroundings, NAME, `${base}/emails`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${config.apiKey}`,
        "content-type": "application/json",
        "idempotency-key": await keyOf(message.id, config),
        // It refuses those who give no name.
        "user-agent": "Nephos",
      },
      body: JSON.stringify({ from: addressLine(from), ...mail }),
    });
    const taken = reply.status === 200 ? takenSchema.safeParse(reply.json).data : undefined;
    if (taken) return `taken as ${said(taken.id)}`;
    const { name = "", message: why = "" } = problemSchema.safeParse(reply.json).data ?? {};
    // This message was taken before, in words that were a little younger ("for 5 minutes").
    if (name === "invalid_idempotent_request") return "taken at an earlier attempt";
    throw problemOf(reply, name, said(why), config.from);
  },
};

/**
 * Good for 24 hours: what was taken and not heard of is not sent twice. It names sender and recipients too, so that whom a corrected
 * channel adds is not left out.
 */
async function keyOf(id: string, { from, to }: { from: string; to: readonly string[] }): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify([id, from, to])));
  return Buffer.from(digest).toString("hex");
}

/** By the names in https://resend.com/docs/api-reference/errors; one name can come with several statuses. */
function problemOf(reply: Reply, name: string, why: string, from: string): ChannelProblem {
  const { status, retryAfterMs } = reply;
  if (name === "concurrent_idempotent_requests") {
    return passing("Resend is still busy with an earlier attempt. It is tried again.", retryAfterMs);
  }
  if (name === "daily_quota_exceeded") {
    return passing("Resend sends no more mail of this account today. It is tried again every hour.", HOUR_MS);
  }
  if (name === "monthly_quota_exceeded") {
    return permanent(
      "Resend sends no more mail of this account this month. Raise the plan there, then retry this message.",
    );
  }
  if (["missing_api_key", "invalid_api_key", "restricted_api_key"].includes(name) || /API key is invalid/i.test(why)) {
    return permanent(
      `Resend does not accept the API key (${why}). Make one with sending access there, and enter it anew.`,
    );
  }
  if (status === 403 || name === "invalid_from_address") {
    return permanent(
      `Resend does not send it from ${from} (${why}). Verify the domain of the sender address at Resend; before that it only writes to the account's own address.`,
    );
  }
  return refusedFor(NAME, reply, [name, why].filter(Boolean).join(", "));
}
