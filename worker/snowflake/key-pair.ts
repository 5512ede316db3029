import { SnowflakeProblem } from "./problem.ts";

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** A private key that can sign, and what Snowflake knows its public half by. */
export interface KeyPair {
  privateKey: CryptoKey;
  /** `SHA256:` and the digest of the public key, as DESCRIBE USER shows it under RSA_PUBLIC_KEY_FP. */
  fingerprint: string;
  /** Base64 of the DER SubjectPublicKeyInfo on one line: what RSA_PUBLIC_KEY is set to. */
  publicKey: string;
}

/** Reads an unencrypted PKCS#8 key in PEM form. Throws `key_refused` where it is none; the message holds nothing of it. */
export async function keyPairOf(pem: string): Promise<KeyPair> {
  if (pem.includes("ENCRYPTED")) {
    throw unfit(
      "The private key is encrypted.",
      "Enter it decrypted: openssl pkcs8 -topk8 -nocrypt -in KEY makes one. It is kept sealed here.",
    );
  }
  const base64 = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(pem)?.[1];
  if (base64 === undefined) throw notOne();
  try {
    const der = Uint8Array.from(Buffer.from(base64.replace(/\s/g, ""), "base64"));
    // Only what can be exported tells its public half.
    const { n, e } = (await crypto.subtle.exportKey(
      "jwk",
      await crypto.subtle.importKey("pkcs8", der, RSA, true, ["sign"]),
    )) as JsonWebKey;
    const half = await crypto.subtle.importKey("jwk", { kty: "RSA", n: n!, e: e! }, RSA, true, ["verify"]);
    const spki = (await crypto.subtle.exportKey("spki", half)) as ArrayBuffer;
    const digest = await crypto.subtle.digest("SHA-256", spki);
    return {
      privateKey: await crypto.subtle.importKey("pkcs8", der, RSA, false, ["sign"]),
      fingerprint: `SHA256:${Buffer.from(digest).toString("base64")}`,
      publicKey: Buffer.from(spki).toString("base64"),
    };
  } catch {
    throw notOne();
  }
}

function notOne(): SnowflakeProblem {
  return unfit(
    "What was entered is no private key that can sign: it must be RSA, unencrypted, in PKCS#8 form.",
    "Have a key pair made here, or by npm run snowflake:keys, and enter the private half from its BEGIN to its END line.",
  );
}

function unfit(message: string, remedy: string): SnowflakeProblem {
  return new SnowflakeProblem("key_refused", message, remedy);
}
