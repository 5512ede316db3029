import { randomBytes, scrypt } from "node:crypto";
import { isSame } from "../auth/secret.ts";
import { SCRYPT } from "../settings.ts";

/** Passwords by scrypt (RFC 7914), natively. Slow on purpose: called in the sign-in desk alone, never in the Worker itself. */
export async function hashPassword(password: string): Promise<string> {
  const { log2N, r, p, saltBytes } = SCRYPT;
  const salt = randomBytes(saltBytes);
  return ["scrypt", log2N, r, p, salt.toString("base64url"), await derive(password, salt, log2N, r, p)].join("$");
}

/** Whether the password is the one the hash was made of, by the parameters the hash itself names. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [kind, log2N, r, p, salt = "", expected = ""] = hash.split("$");
  if (kind !== "scrypt") throw new Error("A stored password is not one that this version has hashed.");
  const found = await derive(password, Buffer.from(salt, "base64url"), Number(log2N), Number(r), Number(p));
  return isSame(found, expected);
}

/** What an unknown account is checked against, so that it takes as long as a known one. */
export const NOBODYS_HASH = `scrypt$${SCRYPT.log2N}$${SCRYPT.r}$${SCRYPT.p}$${"A".repeat(22)}$${"A".repeat(43)}`;

function derive(password: string, salt: Buffer, log2N: number, r: number, p: number): Promise<string> {
  const N = 2 ** log2N;
  // The same letters typed on another keyboard may be other code points (NIST SP 800-63B, 5.1.1.2).
  const text = password.normalize("NFKC");
  return new Promise((resolve, reject) => {
    scrypt(text, salt, SCRYPT.keyBytes, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error) reject(error);
      else resolve(key.toString("base64url"));
    });
  });
}
