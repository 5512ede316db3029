/**
 * Message encryption for Web Push: RFC 8291, which is `aes128gcm` (RFC 8188) with one record and a key that the browser and this
 * message's own key pair agree on.
 */

/** A push service need not take more than 4,096 bytes in all: header (86), delimiter (1) and tag (16) leave this (RFC 8291, section 4). */
export const PUSH_PLAINTEXT_BYTES_MAX = 3_993;
const RECORD_BYTES = 4_096;

/** What the browser gave with its subscription, in base64url. */
export interface BrowserKeys {
  p256dh: string;
  auth: string;
}

/** Used for one message only. */
export interface OneTime {
  salt: Uint8Array<ArrayBuffer>;
  keys: CryptoKeyPair;
}

/** Throws where the browser's keys are none, or the text is longer than {@link PUSH_PLAINTEXT_BYTES_MAX}. */
export async function encryptedFor(
  browser: BrowserKeys,
  text: Uint8Array<ArrayBuffer>,
  { salt, keys }: OneTime,
): Promise<Uint8Array<ArrayBuffer>> {
  if (text.byteLength > PUSH_PLAINTEXT_BYTES_MAX) throw new RangeError("The message is longer than a push may be.");
  const theirs = bytesOf(browser.p256dh);
  const ours = new Uint8Array((await crypto.subtle.exportKey("raw", keys.publicKey)) as ArrayBuffer);
  const theirKey = await crypto.subtle.importKey("raw", theirs, { name: "ECDH", namedCurve: "P-256" }, false, []);
  const agreed = await crypto.subtle.deriveBits(
    // Workers' types call it `$public`; the runtime, like every other, `public`.
    { name: "ECDH", public: theirKey } as unknown as SubtleCryptoDeriveKeyAlgorithm,
    keys.privateKey,
    256,
  );
  const info = joined(ascii("WebPush: info\0"), theirs, ours);
  const material = await derived(agreed, bytesOf(browser.auth), info, 32);
  const contentKey = await derived(material, salt, ascii("Content-Encoding: aes128gcm\0"), 16);
  const nonce = await derived(material, salt, ascii("Content-Encoding: nonce\0"), 12);
  const aes = await crypto.subtle.importKey("raw", contentKey, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, aes, joined(text, LAST_RECORD));
  return joined(salt, sizes(ours.byteLength), ours, new Uint8Array(sealed));
}

export async function oneTime(): Promise<OneTime> {
  const keys = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  return { salt: crypto.getRandomValues(new Uint8Array(16)), keys: keys as CryptoKeyPair };
}

/** The delimiter of a last record, without padding. */
const LAST_RECORD = Uint8Array.of(2);

async function derived(
  secret: ArrayBuffer,
  salt: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, bytes * 8);
}

/** Record size in four bytes, and the length of the key that follows in one. */
function sizes(keyBytes: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(5));
  view.setUint32(0, RECORD_BYTES);
  view.setUint8(4, keyBytes);
  return new Uint8Array(view.buffer);
}

const ascii = (text: string) => Uint8Array.from(new TextEncoder().encode(text));
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "base64url"));

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
