import { createDecipheriv, hkdfSync, type ECDH } from "node:crypto";

/** What a browser makes of a push: RFC 8291 backwards, from the bytes as they came. Throws where it cannot be read. */
export function decrypted(bytes: Buffer, browser: ECDH, auth: Buffer): string {
  const salt = bytes.subarray(0, 16);
  const recordBytes = bytes.readUInt32BE(16);
  const keyBytes = bytes.readUInt8(20);
  const theirs = bytes.subarray(21, 21 + keyBytes);
  const record = bytes.subarray(21 + keyBytes);
  if (record.byteLength > recordBytes) throw new Error("more than one record");
  const derived = (secret: Buffer, from: Buffer, info: Buffer, length: number) =>
    Buffer.from(hkdfSync("sha256", secret, from, info, length));
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), browser.getPublicKey(), theirs]);
  const material = derived(browser.computeSecret(theirs), auth, info, 32);
  const key = derived(material, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derived(material, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error("no delimiter of a last record");
  return padded.subarray(0, end).toString("utf8");
}
