/**
 * The key pair that Snowflake lets us in by, as it wants it: RSA of 2048 bits, the private half as unencrypted PKCS#8, the public half
 * as the base64 of its SubjectPublicKeyInfo.
 * https://docs.snowflake.com/en/user-guide/key-pair-auth
 */
export interface KeyPair {
  /** PEM, to be kept by the Worker. */
  privateKey: string;
  /** Base64 without its first and last line, as `ALTER USER … SET RSA_PUBLIC_KEY` takes it. */
  publicKey: string;
  /** `SHA256:…`, as `DESCRIBE USER` shows it in RSA_PUBLIC_KEY_FP. */
  fingerprint: string;
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;
const LINE = 64;

/** Makes a pair in this browser. */
export async function newKeyPair(): Promise<KeyPair> {
  const algorithm = { ...RSA, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  return { privateKey: pemOf(pkcs8), ...(await publicHalf(pair.publicKey)) };
}

/** The pair of a private key in PEM form. Throws, in words for the person, where it is none that Snowflake takes. */
export async function keyPairOf(pem: string): Promise<KeyPair> {
  const text = pem.trim();
  if (text.startsWith("-----BEGIN ENCRYPTED")) {
    throw new Error(
      "This key is encrypted. Take the passphrase away: openssl pkcs8 -topk8 -nocrypt -in key.p8 -out plain.p8",
    );
  }
  if (text.startsWith("-----BEGIN RSA PRIVATE KEY")) {
    throw new Error(
      "This is a PKCS#1 key. Turn it into PKCS#8: openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.p8",
    );
  }
  const body = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----$/.exec(text)?.[1];
  if (body === undefined) {
    throw new Error(
      "This is no private key in PEM form: it begins with -----BEGIN PRIVATE KEY----- and ends with its last line.",
    );
  }
  const { n, e, kty } = await jwkOf(body);
  const publicKey = await crypto.subtle.importKey("jwk", { kty, n, e } as JsonWebKey, RSA, true, ["verify"]);
  return { privateKey: `${text}\n`, ...(await publicHalf(publicKey)) };
}

async function jwkOf(body: string): Promise<JsonWebKey> {
  try {
    const key = await crypto.subtle.importKey("pkcs8", bytesOf(body), RSA, true, ["sign"]);
    return await crypto.subtle.exportKey("jwk", key);
  } catch (cause) {
    throw new Error("This is no RSA key, or a part of it is missing. Snowflake takes RSA of 2048 bits and more.", {
      cause,
    });
  }
}

async function publicHalf(key: CryptoKey): Promise<Pick<KeyPair, "publicKey" | "fingerprint">> {
  const spki = await crypto.subtle.exportKey("spki", key);
  return {
    publicKey: base64Of(spki),
    fingerprint: `SHA256:${base64Of(await crypto.subtle.digest("SHA-256", spki))}`,
  };
}

function pemOf(pkcs8: ArrayBuffer): string {
  const lines = base64Of(pkcs8).match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

function base64Of(bytes: ArrayBuffer): string {
  return btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64.replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
}
