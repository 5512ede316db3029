import { env } from "cloudflare:workers";
import { importJWK, jwtVerify } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { database } from "../db/client.ts";
import { vaultOf } from "../vault/vault.ts";
import { vapidAuthorization, vapidKeys, vapidPublicKey } from "./vapid.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 5);
const db = database(env.DB);
const vault = vaultOf(env);

/** As a push service reads it. */
async function publicJwk(key: string) {
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  return await importJWK({ kty: "EC", crv: "P-256", x: x!, y: y! }, "ES256");
}

describe("the keys for Web Push", () => {
  beforeEach(async () => {
    await db.$client.prepare("DELETE FROM notify_setting").run();
  });

  it("are made once, whoever asks first and however many at the same time", async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => vapidPublicKey(db, vault)));
    const { publicKey } = await vapidKeys(db, vault);
    expect(new Set(many)).toEqual(new Set([publicKey]));
  });

  it("are a point that browsers take, and a private key that is kept sealed", async () => {
    const { publicKey, privateKey } = await vapidKeys(db, vault);
    expect(Buffer.from(publicKey, "base64url").byteLength).toBe(65);
    expect(Buffer.from(publicKey, "base64url")[0]).toBe(4);
    const kept = await db.$client.prepare("SELECT * FROM notify_setting").all();
    expect(kept.results).toHaveLength(1);
    expect(JSON.stringify(kept.results)).not.toContain(privateKey.d);
  });

  it("sign a token for the push service alone, that is good for half a day and says whom to ask", async () => {
    const keys = await vapidKeys(db, vault);
    const url = "https://updates.push.example:8443/wpush/v2/secret?x=1";
    const authorization = await vapidAuthorization(keys, url, "https://nephos.example", NOW);
    const [, token, key] = /^vapid t=([^,\s]+), k=(\S+)$/.exec(authorization)!;
    expect(key).toBe(keys.publicKey);
    const { payload, protectedHeader } = await jwtVerify(token!, await publicJwk(key!), { currentDate: new Date(NOW) });
    expect(protectedHeader).toEqual({ typ: "JWT", alg: "ES256" });
    expect(payload).toEqual({
      aud: "https://updates.push.example:8443",
      exp: Math.floor(NOW / 1_000) + 12 * 3_600,
      sub: "https://nephos.example",
    });
  });
});
