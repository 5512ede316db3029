import type { EpochMs } from "../../contract/units.ts";
import { accountInToken } from "./access.ts";
import type { KeyPair } from "./key-pair.ts";

/** The longest that Snowflake takes. */
const LIFE_SECONDS = 3_600;
/** Clocks differ: a token that is dated in the future is refused. */
const SKEW_SECONDS = 30;

/** A token that a key pair signs for a user, good for an hour. */
export async function signedJwt(
  { privateKey, fingerprint }: KeyPair,
  account: string,
  user: string,
  now: EpochMs,
): Promise<string> {
  const { SignJWT } = await import("jose");
  const subject = `${accountInToken(account)}.${user.toUpperCase()}`;
  const issued = Math.floor(now / 1_000) - SKEW_SECONDS;
  return await new SignJWT({})
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(`${subject}.${fingerprint}`)
    .setSubject(subject)
    .setIssuedAt(issued)
    .setExpirationTime(issued + LIFE_SECONDS)
    .sign(privateKey);
}
