import { z } from "zod";
import { askAws, awsHost, commonProblem, type AwsService } from "../aws.ts";
import type { Channel, ChannelProblem } from "../channel.ts";
import { addressLine, mailOf } from "../mail.ts";
import { passing, permanent, refusedFor, said, type Reply } from "../reply.ts";

const SES: AwsService = { name: "Amazon SES", signingName: "ses", action: "ses:SendEmail" };

const takenSchema = z.object({ MessageId: z.string().min(1) });
const problemSchema = z.object({
  __type: z.string().catch(""),
  message: z.string().catch(""),
  Message: z.string().catch(""),
});

/** Amazon SES, API version 2, `SendEmail`. */
export const ses: Channel<"ses"> = {
  async send(message, config, surroundings) {
    const { from, to, subject, text, html, headers } = mailOf(message, config);
    const base = config.endpoint?.replace(/\/+$/, "") ?? awsHost("email", config.region);
    const body = JSON.stringify({
      FromEmailAddress: addressLine(from),
      Destination: { ToAddresses: to },
      Content: {
        Simple: {
          Subject: utf8(subject),
          Body: { Text: utf8(text), Html: utf8(html) },
          Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
        },
      },
    });
    const content = { type: "application/json", body };
    const reply = await askAws(surroundings, SES, config, config.region, `${base}/v2/email/outbound-emails`, content);
    const taken = reply.status === 200 ? takenSchema.safeParse(reply.json).data : undefined;
    if (!taken) throw problemOf(reply, config.from, config.region);
    return `taken as ${said(taken.MessageId)}`;
  },
};

const utf8 = (text: string) => ({ Data: text, Charset: "UTF-8" });

/** By the exceptions that the API's reference lists for `SendEmail`. */
function problemOf(reply: Reply, from: string, region: string): ChannelProblem {
  const { __type = "", message = "", Message = "" } = problemSchema.safeParse(reply.json).data ?? {};
  // `TooManyRequestsException:http://internal.amazon.com/…`; in the body with the service's name before a #.
  const named = reply.headers.get("x-amzn-errortype") ?? __type;
  const code = named.split(":")[0]!.split("#").at(-1)!;
  const why = said(message || Message);
  const common = commonProblem(SES, code, why, reply);
  if (common) return common;
  switch (code) {
    case "MessageRejected":
      return /not verified/.test(why)
        ? permanent(
            `SES rejected the mail: ${why} Verify the sender address ${from}, or its domain, in SES in ${region}. While your SES account is still in the sandbox, it writes to verified recipients only: ask AWS for production access, or verify them too.`,
          )
        : permanent(`SES rejected the mail: ${why}`);
    case "MailFromDomainNotVerifiedException":
      return permanent(
        `The MAIL FROM domain of ${from} is not verified in SES in ${region}. Look at its MX record there, under the identity's custom MAIL FROM domain.`,
      );
    case "AccountSuspendedException":
      return permanent(
        `AWS has suspended this SES account for good. Look at the account dashboard of SES, and open a case with AWS support.`,
      );
    case "SendingPausedException":
      return permanent(
        `Sending is paused for this SES account. Look at the account dashboard of SES in ${region}, and retry this message when it is enabled again.`,
      );
    case "NotFoundException":
      return permanent(
        `SES in ${region} does not know the sender ${from}. Verify the sender address, or its domain, there.`,
      );
    case "InternalFailure":
    case "InternalServerError":
      return passing("Amazon SES has a problem of its own. It is tried again.", reply.retryAfterMs);
    default:
      return refusedFor(SES.name, reply, [code, why].filter(Boolean).join(", "));
  }
}
