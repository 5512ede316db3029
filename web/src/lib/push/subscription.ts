import { deviceName } from "../account/device-name.ts";

/** What a channel of the kind `webpush` is made of. */
export interface Subscribed {
  url: string;
  p256dh: string;
  auth: string;
  /** What to call it. */
  browser: string;
}

/** Throws where the browser gave no keys: nothing can be encrypted for it then. */
export function subscribedOf({ endpoint, keys }: PushSubscriptionJSON, userAgent: string): Subscribed {
  const { p256dh, auth } = keys ?? {};
  if (!endpoint || !p256dh || !auth) throw new Error("This browser gave no keys to encrypt notifications with.");
  return { url: endpoint, p256dh, auth, browser: deviceName(userAgent) };
}

/** A key in base64url as the browser takes it. */
export function keyBytes(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

/** Whether a subscription was made for this key; one of another key never hears from us. */
export function isOfKey(given: ArrayBuffer | null, key: Uint8Array): boolean {
  const bytes = new Uint8Array(given ?? new ArrayBuffer(0));
  return bytes.length === key.length && bytes.every((byte, index) => byte === key[index]);
}
