import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Asked } from "./cloud.ts";

interface Key {
  accessKeyId: string;
  secretAccessKey: string;
}

/** What AWS answers where a signature (version 4) is not right: code and message. */
export type SignatureRefusal = [code: string, message: string];

/** The region that a request is signed for. */
export function regionOf({ headers }: Asked): string {
  return /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(headers.authorization ?? "")?.[1] ?? "nowhere";
}

/** Holds a request against what its sender should have signed, from what arrived. `service`: as AWS calls it in signatures. */
export function signatureRefusal(asked: Asked, key: Key, now: number, service = "ec2"): SignatureRefusal | null {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      asked.headers.authorization ?? "",
    );
  if (given?.[4] !== service)
    return ["MissingAuthenticationToken", "The request must contain a valid AWS access key id."];
  const [, accessKeyId, day, region, , signed, signature] = given as unknown as string[];
  if (accessKeyId !== key.accessKeyId) {
    return ["AuthFailure", "AWS was not able to validate the provided access credentials"];
  }
  const time = String(asked.headers["x-amz-date"]);
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(now - at) <= 15 * 60_000)) return ["RequestExpired", "Request has expired."];
  const names = signed!.split(";");
  const isWhole = names.includes("host") && names.includes("x-amz-date") && time.startsWith(day!);
  const expected = signatureOf(asked, names, time, [region!, service], key.secretAccessKey);
  if (isWhole && timingSafeEqual(Buffer.from(expected), Buffer.from(signature!))) return null;
  return ["SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."];
}

function signatureOf(asked: Asked, names: string[], time: string, place: string[], secret: string): string {
  const { method, url, headers, body } = asked;
  const query = [...url.searchParams].map((pair) => pair.map(encoded).join("=")).sort();
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/\s+/g, " ")}`);
  const path = url.pathname.split("/").map(encoded).join("/");
  const canonical = [method, path, query.join("&"), ...lines, "", names.join(";"), sha256(body)].join("\n");
  const scope = [time.slice(0, 8), ...place, "aws4_request"];
  const signing = scope.reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`);
  return hmac(signing, ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n")).toString("hex");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
