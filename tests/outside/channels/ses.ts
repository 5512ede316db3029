import { AWS_KEY, awsRefusal } from "./aws-key.ts";
import { complaintsOf, readLetter, wantedError, type Letter } from "./letter.ts";
import { json, Receiver, type Asked, type Reply } from "./receiver.ts";

const FROM = "nephos@example.com";
const REGION = "eu-central-1";

interface Utf8 {
  Data: string;
  Charset: string;
}
interface SendEmail {
  FromEmailAddress: string;
  Destination: { ToAddresses: string[] };
  Content: { Simple: { Subject: Utf8; Body: { Text: Utf8; Html: Utf8 }; Headers: { Name: string; Value: string }[] } };
}

/** The codes it may answer with, and the sentence where that matters. */
const CODES: Record<string, string> = {
  AccessDeniedException: "User is not authorized to perform: ses:SendEmail",
  AccountSuspendedException: "",
  BadRequestException: "Missing final '@domain'",
  InternalServerError: "",
  InvalidSignatureException: "Signature expired: 20260601T110000Z is now earlier than 20260601T115505Z",
  LimitExceededException: "",
  MailFromDomainNotVerifiedException: "",
  MessageRejected: "Transaction failed: it looks like a virus",
  NotFoundException: "",
  OptInRequired: "The AWS Access Key Id needs a subscription for the service",
  SendingPausedException: "",
  ServiceUnavailableException: "",
  TooManyRequestsException: "Daily message quota exceeded.",
};

/** Amazon SES, version 2: `SendEmail` in one region, for an account that is out of the sandbox. */
export class SesReceiver extends Receiver {
  get config() {
    return { ...AWS_KEY, region: REGION, from: FROM, to: ["ops@example.com", "boss@example.com"], endpoint: this.url };
  }

  protected answer(asked: Asked): Reply {
    if (asked.url.pathname !== "/v2/email/outbound-emails") return refused("UnknownOperationException", 404, "");
    const refusal = awsRefusal(asked, "ses");
    if (refusal?.[0] === "AuthFailure") return this.refusal();
    if (refusal?.[0] === "SignatureDoesNotMatch") return refused("InvalidSignatureException", 403, refusal[1]);
    if (refusal) return refused(refusal[0], 403, refusal[1]);
    this.expect(asked.headers.authorization!.includes(`/${REGION}/ses/`), "signed for another region");
    this.expect(asked.headers["content-type"] === "application/json", `content-type ${asked.headers["content-type"]}`);
    const body = JSON.parse(asked.body) as SendEmail;
    const letter = this.#letterOf(body);
    this.complaints.push(...complaintsOf(letter));
    const error = wantedError(letter.to);
    if (error) {
      const code = Object.keys(CODES).find((one) => one.toLowerCase() === error.code);
      this.expect(code !== undefined, `${error.code} is not among the codes of SES`);
      return refused(code!, error.status, CODES[code!]!);
    }
    if (letter.from !== `Nephos <${FROM}>`) return this.gone();
    this.take(asked, letter, readLetter(letter));
    return json({ MessageId: "010701f2c3a4b5d6-7e8f9012-3456-7890-abcd-ef0123456789-000000" });
  }

  #letterOf({ FromEmailAddress, Destination, Content }: SendEmail): Letter {
    const { Subject, Body, Headers } = Content.Simple;
    for (const { Charset } of [Subject, Body.Text, Body.Html]) this.expect(Charset === "UTF-8", `charset ${Charset}`);
    return {
      from: FromEmailAddress,
      to: Destination.ToAddresses,
      subject: Subject.Data,
      text: Body.Text.Data,
      html: Body.Html.Data,
      headers: Object.fromEntries(Headers.map(({ Name, Value }) => [Name, Value])),
    };
  }

  protected refusal = () =>
    refused("UnrecognizedClientException", 403, "The security token included in the request is invalid.");
  protected gone = () =>
    refused(
      "MessageRejected",
      400,
      `Email address is not verified. The following identities failed the check in region ${REGION.toUpperCase()}: ${FROM}`,
    );
  protected tooOften = (seconds: number) => ({
    ...refused("TooManyRequestsException", 429, "Maximum sending rate exceeded."),
    headers: { "x-amzn-errortype": "TooManyRequestsException", "retry-after": String(seconds) },
  });
}

/** The code is in a header, with an address behind it. */
function refused(code: string, status: number, message: string): Reply {
  const headers = { "x-amzn-errortype": `${code}:http://internal.amazon.com/coral/com.amazonaws.services.ses/` };
  return { ...json({ message }, status), headers };
}
