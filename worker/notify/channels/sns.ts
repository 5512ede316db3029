import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { askAws, awsHost, commonProblem, type AwsService } from "../aws.ts";
import type { Channel, ChannelProblem } from "../channel.ts";
import type { Message } from "../message.ts";
import { passing, permanent, refusedFor, said, type Reply } from "../reply.ts";

const SNS: AwsService = { name: "Amazon SNS", signingName: "sns", action: "sns:Publish" };

/** "Less than 100 characters." */
const SUBJECT_MAX = 99;
/** 256 KiB for the text and its attributes together. */
const TEXT_BYTES_MAX = 255 * 1_024;

/** Values stay text. */
const parser = new XMLParser({ parseTagValue: false, htmlEntities: true });
const takenSchema = z.object({
  PublishResponse: z.object({ PublishResult: z.object({ MessageId: z.string().min(1) }) }),
});
const problemSchema = z.object({
  ErrorResponse: z.object({ Error: z.object({ Code: z.string(), Message: z.string().catch("") }) }),
});

/** Amazon SNS, query API of 2010-03-31, `Publish`. */
export const sns: Channel<"sns"> = {
  async send(message, config, surroundings) {
    const region = config.topicArn.split(":")[3]!;
    const url = config.endpoint ?? `${awsHost("sns", region)}/`;
    const body = new URLSearchParams({
      Action: "Publish",
      Version: "2010-03-31",
      TopicArn: config.topicArn,
      Subject: subjectOf(message.subject),
      Message: shortened(message.text),
      ...attributes({ severity: message.severity, kind: message.kind }),
      ...(config.topicArn.endsWith(".fifo") && (await inOrder(message))),
    }).toString();
    const content = { type: "application/x-www-form-urlencoded; charset=utf-8", body };
    const reply = await askAws(surroundings, SNS, config, region, url, content);
    const taken = reply.status === 200 ? takenSchema.safeParse(parsed(reply.text)).data : undefined;
    if (!taken) throw problemOf(reply, config.topicArn, region);
    return `taken as ${said(taken.PublishResponse.PublishResult.MessageId)}`;
  },
};

/** For the topic's filters. */
function attributes(values: Record<string, string>): Record<string, string> {
  const entries = Object.entries(values).flatMap(([name, value], index) => {
    const entry = `MessageAttributes.entry.${index + 1}`;
    return [
      [`${entry}.Name`, name],
      [`${entry}.Value.DataType`, "String"],
      [`${entry}.Value.StringValue`, value],
    ];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A FIFO topic keeps the order within an incident, and takes the same message once in five minutes. */
async function inOrder({ id, incidentId }: Message): Promise<Record<string, string>> {
  return { MessageGroupId: await token(incidentId ?? "nephos"), MessageDeduplicationId: await token(id) };
}

/** Such names have at most 128 characters, none of them beyond ASCII. */
async function token(id: string): Promise<string> {
  if (/^[!-~]{1,128}$/.test(id)) return id;
  return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id))).toString("hex");
}

const PLAIN: Record<string, string> = {
  "“": '"',
  "”": '"',
  "‘": "'",
  "’": "'",
  "–": "-",
  "—": "-",
  "…": "...",
  "×": "x",
  "·": "-",
  "→": "->",
  "≥": ">=",
  "≤": "<=",
};

/** SNS takes one line of ASCII that begins with a letter, a digit or a sign. */
function subjectOf(subject: string): string {
  const plain = subject
    .replace(/[“”‘’–—…×·→≥≤]/gu, (sign) => PLAIN[sign]!)
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/[^ -~]/gu, "?")
    .trim();
  return plain.length > SUBJECT_MAX ? `${plain.slice(0, SUBJECT_MAX - 3).trimEnd()}...` : plain || "Nephos";
}

/** At most so many bytes, no character torn. */
function shortened(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.byteLength <= TEXT_BYTES_MAX) return text;
  return new TextDecoder().decode(bytes.subarray(0, TEXT_BYTES_MAX)).replace(/\uFFFD+$/, "");
}

function parsed(text: string): unknown {
  try {
    return parser.parse(text);
  } catch {
    return undefined;
  }
}

/** By the codes that the API's reference lists for `Publish`, and those common to all of AWS. */
function problemOf(reply: Reply, topicArn: string, region: string): ChannelProblem {
  const { Code: code = "", Message: words = "" } =
    problemSchema.safeParse(parsed(reply.text)).data?.ErrorResponse.Error ?? {};
  const why = said(words);
  const common = commonProblem(SNS, code, why, reply);
  if (common) return common;
  if (code === "NotFound" || code === "NotFoundException") {
    return permanent(`There is no topic ${topicArn} in ${region}. Copy the topic's ARN from SNS and enter it anew.`);
  }
  if (code.startsWith("KMS")) {
    return permanent(
      `SNS cannot use the key that the topic is encrypted with (${code}: ${why}). In KMS, look whether the key is enabled, and allow the user kms:GenerateDataKey and kms:Decrypt on it.`,
    );
  }
  if (code === "InternalError" || code === "InternalFailure" || code === "ServiceUnavailable") {
    return passing("Amazon SNS has a problem of its own. It is tried again.", reply.retryAfterMs);
  }
  return refusedFor(SNS.name, reply, [code, why].filter(Boolean).join(", "));
}
