import { AwsClient } from "aws4fetch";
import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { PROVIDERS, type ProviderProblemCode } from "../../contract/providers.ts";
import { ProviderProblem, type Session } from "./provider.ts";
import { notUnderstood, type Answer } from "./request.ts";

const NAME = PROVIDERS.aws;
const VERSION = "2016-11-15";

/** Numbers stay text: an account's has leading zeros. Characters may come by their number, which this parser counts as HTML's. */
const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === "item", htmlEntities: true });

/** A refusal that says nothing of the key or of other regions. */
export class RegionProblem extends ProviderProblem {}

/** EC2's way to write a list: `<item>` for each element. */
export function listOf<Item extends z.ZodType>(item: Item) {
  const some = z.object({ item: z.array(item) }).transform((list) => list.item);
  return z.union([some, z.literal("").transform((): z.output<Item>[] => [])]);
}

/** A list inside an element, which is left out where it is empty. */
export function itemsOf<Item extends z.ZodType>(item: Item) {
  return listOf(item)
    .optional()
    .transform((list) => list ?? []);
}

/** Asks EC2 in one region; the answer is the content of its `…Response`. */
export async function call<Said>(
  { credentials, endpoint, ask, now }: Session<"aws">,
  region: string,
  action: string,
  said: z.ZodType<Said>,
  parameters: Record<string, string> = {},
): Promise<Said> {
  const { accessKeyId, secretAccessKey } = credentials;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "ec2", region });
  const body = new URLSearchParams({ Action: action, Version: VERSION, ...parameters }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const datetime = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, "");
  const answer = await ask(
    () => client.sign(endpoint ?? addressOf(region), { method: "POST", headers, body, aws: { datetime } }),
    (given) => TOO_OFTEN.includes(codeOf(parsed(given.text))),
  );
  const xml = parsed(answer.text);
  if (answer.status !== 200) throw refused(answer, codeOf(xml), action, region);
  const root = `${action}Response`;
  const { data } = z.object({ [root]: said }).safeParse(xml);
  // A document that ends early is a document to the parser, and what is missing would count as gone.
  if (!data || !answer.text.trimEnd().endsWith(`</${root}>`)) throw notUnderstood(NAME, answer);
  return data[root] as Said;
}

function addressOf(region: string): string {
  return `https://ec2.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`;
}

function parsed(text: string): unknown {
  try {
    return parser.parse(text);
  } catch {
    return undefined;
  }
}

const errorSchema = z.object({
  Response: z.object({ Errors: z.object({ Error: z.object({ Code: z.string() }) }) }),
});

function codeOf(xml: unknown): string {
  return errorSchema.safeParse(xml).data?.Response.Errors.Error.Code ?? "";
}

const TOO_OFTEN = ["RequestLimitExceeded", "Throttling", "ThrottlingException", "RequestThrottled"];
const KEY_REFUSED = [
  "AuthFailure",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "MissingAuthenticationToken",
  "UnrecognizedClientException",
];

/** By the error's code, as EC2's documentation lists them. */
function refused(answer: Answer, code: string, action: string, region: string): ProviderProblem {
  if (KEY_REFUSED.includes(code)) {
    return new ProviderProblem(
      "key_refused",
      `AWS does not accept the access key in ${region}.`,
      "Look in IAM whether the key is active, and enter its id and its secret anew. A region that is not enabled in the account refuses every key.",
    );
  }
  if (code === "UnauthorizedOperation" || code === "AccessDeniedException") {
    const isPolicyOfAll = /explicit deny in a service control policy/.test(answer.text);
    return new (isPolicyOfAll ? RegionProblem : ProviderProblem)(...rightMissing(action, region));
  }
  if (code === "OptInRequired") {
    return new RegionProblem(
      "rights_missing",
      `The AWS account is not signed up for EC2 in ${region}.`,
      "Enable the region in the account's settings at AWS, or choose the regions to look in.",
    );
  }
  if (code === "RequestExpired") {
    return new ProviderProblem(
      "unavailable",
      "AWS got our request more than a quarter of an hour after, or before, the time that is written on it.",
      "Cloudflare sets our clock. Where the account has an address of its own, look whether something there holds requests back.",
    );
  }
  return notUnderstood(NAME, answer);
}

function rightMissing(action: string, region: string): [code: ProviderProblemCode, message: string, remedy: string] {
  return [
    "rights_missing",
    `AWS accepts the access key, but does not allow it ec2:${action} in ${region}.`,
    "In IAM, allow its user ec2:DescribeRegions, ec2:DescribeInstances and ec2:DescribeInstanceStatus on all resources, with no condition on the address: Cloudflare's edge has no fixed one. Where only some regions are allowed, choose these here.",
  ];
}
