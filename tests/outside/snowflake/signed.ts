import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { fingerprint } from "./sign-in.ts";
import type { SnowflakeTold } from "./told.ts";

export interface SignedClaims {
  iss: string;
  sub: string;
  iat: number;
  exp: number;
}

/** A token as "Using key pair authentication" of the SQL API has it; `changed` makes it wrong. `now` in milliseconds. */
export function signedToken(
  { account, user, privateKey }: Pick<SnowflakeTold, "account" | "user" | "privateKey">,
  now: number,
  changed: (claims: SignedClaims) => Partial<SignedClaims> = () => ({}),
): string {
  const key = createPrivateKey(privateKey);
  const sub = `${account}.${user}`;
  const iat = Math.floor(now / 1_000);
  const claims = { iss: `${sub}.${fingerprint(createPublicKey(key))}`, sub, iat, exp: iat + 3_600 };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "RS256", typ: "JWT" })}.${part({ ...claims, ...changed(claims) })}`;
  return `${content}.${sign("RSA-SHA256", Buffer.from(content), key).toString("base64url")}`;
}
