import { expect, it } from "vitest";
import { encryptedFor, oneTime, PUSH_PLAINTEXT_BYTES_MAX } from "./web-push-encryption.ts";

/** RFC 8291, appendix A. */
const VECTOR = {
  text: "When I grow up, I want to be a watermelon",
  privateKey: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  publicKey: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
  body: "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
};

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64url"));
const words = (text: string) => Uint8Array.from(Buffer.from(text));

/** The key pair of the vector, as it comes out of `oneTime`. */
async function pairOf(privateKey: string, publicKey: string): Promise<CryptoKeyPair> {
  const point = Buffer.from(publicKey, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", x: x!, y: y! };
  const curve = { name: "ECDH", namedCurve: "P-256" };
  return {
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d: privateKey }, curve, false, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("jwk", jwk, curve, true, []),
  };
}

it("encrypts the example of RFC 8291 to the very bytes that stand there", async () => {
  const { text, privateKey, publicKey, salt, body, ...browser } = VECTOR;
  const once = { salt: bytes(salt), keys: await pairOf(privateKey, publicKey) };
  const encrypted = await encryptedFor(browser, words(text), once);
  expect(Buffer.from(encrypted).toString("base64url")).toBe(body);
});

it("says the same thing twice in bytes that have nothing in common", async () => {
  const text = words(VECTOR.text);
  const [one, two] = [
    await encryptedFor(VECTOR, text, await oneTime()),
    await encryptedFor(VECTOR, text, await oneTime()),
  ];
  for (const [from, to] of [
    [0, 16],
    [22, 86],
    [86, undefined],
  ] as const) {
    expect(one.subarray(from, to)).not.toEqual(two.subarray(from, to));
  }
});

it("fills 4,096 bytes with the longest text there is room for, and refuses a longer one", async () => {
  const longest = new Uint8Array(PUSH_PLAINTEXT_BYTES_MAX);
  expect((await encryptedFor(VECTOR, longest, await oneTime())).byteLength).toBe(4_096);
  const longer = new Uint8Array(PUSH_PLAINTEXT_BYTES_MAX + 1);
  await expect(encryptedFor(VECTOR, longer, await oneTime())).rejects.toThrow(RangeError);
});

it.each([
  ["nothing", ""],
  ["words", "bm90LWEta2V5"],
  ["a point beside the curve", Buffer.from([4, ...Array<number>(64).fill(1)]).toString("base64url")],
])("refuses a browser's key that is %s", async (_, p256dh) => {
  await expect(encryptedFor({ ...VECTOR, p256dh }, words("x"), await oneTime())).rejects.toThrow();
});
