import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { accountInToken, baseUrlOf } from "./access.ts";
import { signedJwt } from "./jwt.ts";
import { keyPairOf } from "./key-pair.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const PEM = privateKey.export({ type: "pkcs8", format: "pem" }) as string;

describe("a key pair", () => {
  it("has the public half and the fingerprint that OpenSSL finds", async () => {
    const der = publicKey.export({ type: "spki", format: "der" });
    const pair = await keyPairOf(PEM);
    expect(pair.publicKey).toBe(der.toString("base64"));
    expect(pair.fingerprint).toBe(`SHA256:${createHash("sha256").update(der).digest("base64")}`);
    expect(createPublicKey({ key: Buffer.from(pair.publicKey, "base64"), format: "der", type: "spki" }).type).toBe(
      "public",
    );
  });

  it.each([
    ["a public key", publicKey.export({ type: "spki", format: "pem" }) as string, "no private key"],
    ["an encrypted one", PEM.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "encrypted"],
    ["of the older form", PEM.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY"), "no private key"],
    ["half of one", PEM.slice(0, 400), "no private key"],
    ["no key", "-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----", "no private key"],
  ])("that is %s is refused in words that hold nothing of it", async (_what, pem, words) => {
    const problem = keyPairOf(pem);
    await expect(problem).rejects.toMatchObject({ code: "key_refused", message: expect.stringContaining(words) });
    await expect(problem).rejects.toMatchObject({ message: expect.not.stringContaining("MII") });
  });

  it("signs a token for an hour, in the account's and the user's upper case", async () => {
    const now = Date.UTC(2026, 10, 26, 14);
    const pair = await keyPairOf(PEM);
    const claims = decodeJwt(await signedJwt(pair, "my_org-acc", "nephos", now));
    expect(claims.sub).toBe("MY_ORG-ACC.NEPHOS");
    expect(claims.iss).toBe(`MY_ORG-ACC.NEPHOS.${pair.fingerprint}`);
    expect(claims.exp! - claims.iat!).toBe(3_600);
    expect(claims.iat! * 1_000).toBeLessThanOrEqual(now);
  });
});

describe("an account", () => {
  it.each([
    ["myorg-myaccount", "MYORG-MYACCOUNT", "myorg-myaccount"],
    ["MyOrg-My_Account", "MYORG-MY_ACCOUNT", "myorg-my-account"],
    ["myorg.myaccount", "MYORG-MYACCOUNT", "myorg-myaccount"],
    ["xy12345", "XY12345", "xy12345"],
    ["xy12345.eu-central-1", "XY12345", "xy12345.eu-central-1"],
    ["xy12345.west-europe.azure", "XY12345", "xy12345.west-europe.azure"],
    ["myorg-acc.privatelink", "MYORG-ACC", "myorg-acc.privatelink"],
    ["acc-ext.global", "ACC", "acc-ext.global"],
  ])("as %s is %s in a token", (account, inToken, host) => {
    expect(accountInToken(account)).toBe(inToken);
    expect(baseUrlOf({ account, endpoint: null })).toBe(`https://${host}.snowflakecomputing.com`);
  });
});
