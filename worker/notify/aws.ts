import { AwsClient } from "aws4fetch";
import type { EpochMs } from "../../contract/units.ts";
import type { ChannelProblem, Surroundings } from "./channel.ts";
import { passing, permanent, type Reply, replyTo } from "./reply.ts";

/** A service of AWS that tells people something. */
export interface AwsService {
  /** For people. */
  name: string;
  /** What requests are signed for. */
  signingName: "ses" | "sns";
  /** What the key's owner has to be allowed. */
  action: string;
}

export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** By partition: AWS China and the European sovereign cloud have domains of their own. */
export function awsHost(subdomain: string, region: string): string {
  const domain = region.startsWith("cn-")
    ? "amazonaws.com.cn"
    : region.startsWith("eusc-")
      ? "amazonaws.eu"
      : "amazonaws.com";
  return `https://${subdomain}.${region}.${domain}`;
}

/** A signed `POST` (signature version 4), asked once. */
export async function askAws(
  surroundings: Surroundings,
  service: AwsService,
  { accessKeyId, secretAccessKey }: AwsKey,
  region: string,
  url: string,
  content: { type: string; body: string },
): Promise<Reply> {
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: service.signingName, region });
  const request = await client.sign(url, {
    method: "POST",
    headers: { "content-type": content.type },
    body: content.body,
    aws: { datetime: stamp(surroundings.now) },
  });
  const init = { method: "POST", headers: new Headers(request.headers), body: content.body };
  return await replyTo(surroundings, service.name, url, init);
}

function stamp(at: EpochMs): string {
  return new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, "");
}

const TOO_OFTEN = [
  "Throttled",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "TooManyRequestsException",
  "LimitExceededException",
  "KMSThrottling",
];
const KEY_REFUSED = [
  "InvalidClientTokenId",
  "InvalidAccessKeyId",
  "UnrecognizedClientException",
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
];
const NOT_ALLOWED = ["AuthorizationError", "AccessDenied", "AccessDeniedException", "NotAuthorized"];
const TOO_LATE = ["RequestExpired", "RequestTimeTooSkewed"];

/** What every service of AWS says in the same codes; null for any other. `why`: the sentence that came with the code. */
export function commonProblem(
  { name, action }: AwsService,
  code: string,
  why: string,
  { retryAfterMs }: Reply,
): ChannelProblem | null {
  if (TOO_OFTEN.includes(code)) {
    return passing(
      `${name} says that it was asked too often, or that its quota is used up (${code}). It is tried again.`,
      retryAfterMs,
    );
  }
  // Some services give a clock that differs the code of a wrong signature, and tell it in the sentence alone.
  if (TOO_LATE.includes(code) || /^Signature (expired|not yet current)/.test(why)) {
    return passing(`${name} got the request too long after the time that is written on it. It is tried again.`);
  }
  if (KEY_REFUSED.includes(code)) {
    return permanent(
      `AWS does not accept the access key (${code}). Look in IAM whether the key is active, and enter its id and its secret anew.`,
    );
  }
  if (NOT_ALLOWED.includes(code)) {
    return permanent(
      `AWS accepts the access key, but does not allow it ${action}. In IAM, allow its user ${action}, with no condition on the address: Cloudflare's edge has no fixed one.`,
    );
  }
  if (code === "OptInRequired") {
    return permanent(
      `The AWS account is not signed up for ${name} in this region. Enable it at AWS, or choose another region.`,
    );
  }
  return null;
}
