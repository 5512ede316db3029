import { createHash, createPrivateKey, createPublicKey, createSign, generateKeyPairSync, verify } from "node:crypto";
import { expect, test } from "vitest";
import { snowflakeAuthSchema, snowflakeSetupQuerySchema } from "../../../../contract/snowflake.ts";
import { keyPairOf, newKeyPair } from "./key-pair.ts";

const publicOf = (base64: string) =>
  createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });

test("what is made is an RSA pair of 2048 bits whose halves belong together", async () => {
  const { privateKey, publicKey, fingerprint } = await newKeyPair();
  expect(createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength).toBe(2048);
  const signature = createSign("RSA-SHA256").update("so it is").sign(privateKey);
  expect(verify("RSA-SHA256", Buffer.from("so it is"), publicOf(publicKey), signature)).toBe(true);
  const digest = createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("base64");
  expect(fingerprint).toBe(`SHA256:${digest}`);
});

test("the server takes both halves as they are", async () => {
  const { privateKey, publicKey } = await newKeyPair();
  expect(snowflakeAuthSchema.safeParse({ kind: "key_pair", privateKey }).success).toBe(true);
  expect(snowflakeSetupQuerySchema.safeParse({ publicKey }).success).toBe(true);
  expect(privateKey.split("\n").every((line) => line.length <= 64)).toBe(true);
});

test("a pasted key is known by the same public half as openssl's", async () => {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  const read = await keyPairOf(`\n${pair.privateKey}  `);
  expect(read.publicKey).toBe(pair.publicKey.toString("base64"));
});

test.each([
  ["-----BEGIN ENCRYPTED PRIVATE KEY-----\nabc\n-----END ENCRYPTED PRIVATE KEY-----", /is encrypted.*openssl pkcs8/],
  ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", /PKCS#1.*openssl pkcs8/],
  ["-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----", /no RSA key/],
  ["-----BEGIN PRIVATE KEY-----\nYWJj", /no private key in PEM form/],
  ["ssh-rsa AAAA", /no private key in PEM form/],
])("%j is refused with what to do", async (text, words) => {
  await expect(keyPairOf(text)).rejects.toThrow(words);
});
