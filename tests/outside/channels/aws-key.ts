import { signatureRefusal, type SignatureRefusal } from "../ec2-signature.ts";
import { clocks } from "./clock.ts";
import type { Asked } from "./receiver.ts";

/** The key that AWS's receivers take. */
export const AWS_KEY = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

/** What is wrong with the signature of a request, by the words of each service. */
export function awsRefusal(asked: Asked, service: "ses" | "sns"): SignatureRefusal | null {
  const refusals = clocks().map((now) => signatureRefusal(asked, AWS_KEY, now, service));
  if (refusals.includes(null)) return null;
  return refusals.find((refusal) => refusal![0] !== "RequestExpired") ?? refusals[0]!;
}
