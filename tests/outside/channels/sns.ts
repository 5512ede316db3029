import { AWS_KEY, awsRefusal } from "./aws-key.ts";
import { Receiver, type Asked, type Reply } from "./receiver.ts";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:nephos";
const MESSAGE_BYTES_MAX = 262_144;
const WORDS: Record<string, string> = {
  SignatureDoesNotMatch: "Signature expired: 20260601T110000Z is now earlier than 20260601T115505Z",
  KMSDisabled: "The key <arn:aws:kms:eu-west-1:123456789012:key/1> is disabled & cannot be used",
};

/**
 * Amazon SNS, query API: `Publish` to any topic of one account and region. A topic called `error-Code-status` answers with that refusal,
 * `gone` is not there.
 */
export class SnsReceiver extends Receiver {
  get config() {
    return { ...AWS_KEY, topicArn: TOPIC, endpoint: `${this.url}/` };
  }

  protected answer(asked: Asked): Reply {
    const refusal = awsRefusal(asked, "sns");
    if (refusal?.[0] === "AuthFailure") return this.refusal();
    if (refusal) return refused(...refusal, 403);
    this.expect(asked.headers.authorization!.includes("/eu-west-1/sns/"), "signed for another region");
    this.expect(/^application\/x-www-form-urlencoded\b/.test(asked.headers["content-type"] ?? ""), "not a form");
    const form = new URLSearchParams(asked.body);
    this.expect(form.get("Action") === "Publish" && form.get("Version") === "2010-03-31", "another call");
    const [account, topic = ""] = form.get("TopicArn")!.split(":").slice(-2);
    this.expect(account === "123456789012", `account ${account}`);
    const [, code, status] = /^error-(.+)-(\d{3})$/.exec(topic) ?? [];
    if (code !== undefined) return refused(code, WORDS[code] ?? "It cannot be done.", Number(status));
    if (topic === "gone") return this.gone();
    const subject = form.get("Subject") ?? "";
    const message = form.get("Message") ?? "";
    if (!/^[!-~][ -~]{0,98}$/.test(subject)) return refused("InvalidParameter", "Invalid parameter: Subject", 400);
    const attributes = attributesOf(form);
    const bytes = Buffer.byteLength(message + Object.entries(attributes).flat().join("")) + 6 * 2;
    if (message === "" || bytes > MESSAGE_BYTES_MAX) {
      return refused("InvalidParameter", "Invalid parameter: Message too long", 400);
    }
    const group = form.get("MessageGroupId");
    const deduplication = form.get("MessageDeduplicationId");
    const isFifo = topic.endsWith(".fifo");
    if (isFifo !== (group !== null) || isFifo !== (deduplication !== null)) {
      return refused(
        "InvalidParameter",
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
        400,
      );
    }
    for (const name of [group, deduplication]) this.expect(/^[!-~]{1,128}$/.test(name ?? "x"), `a name ${name}`);
    this.take(
      asked,
      { subject, message, attributes, group, deduplication },
      {
        action: attributes["kind"] === "resolved" ? "resolved" : "told",
        about: group,
        id: deduplication,
        read: `${subject}\n${message}`,
        link: /^https?:\S+$/m.exec(message)?.[0] ?? null,
      },
    );
    return xml(
      200,
      '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>',
    );
  }

  protected refusal = () =>
    refused("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
  protected gone = () => refused("NotFound", "Topic does not exist", 404);
  protected tooOften = (seconds: number) => ({
    ...refused("Throttling", "Rate exceeded", 400),
    headers: { "retry-after": String(seconds) },
  });
}

function attributesOf(form: URLSearchParams): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (let number = 1; form.has(`MessageAttributes.entry.${number}.Name`); number++) {
    const entry = `MessageAttributes.entry.${number}`;
    if (form.get(`${entry}.Value.DataType`) !== "String") continue;
    attributes[form.get(`${entry}.Name`)!] = form.get(`${entry}.Value.StringValue`)!;
  }
  return attributes;
}

function refused(code: string, message: string, status: number): Reply {
  const words = message.replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`);
  return xml(
    status,
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${words}</Message></Error><RequestId>9b9a5d0e</RequestId></ErrorResponse>`,
  );
}

function xml(status: number, body: string): Reply {
  return { status, type: "text/xml", body: `${body}\n` };
}
