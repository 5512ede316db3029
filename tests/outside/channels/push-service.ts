import { createECDH, createPublicKey, randomBytes, verify } from "node:crypto";
import { clocks } from "./clock.ts";
import { decrypted } from "./push-decryption.ts";
import { Receiver, text, type Asked, type Reply } from "./receiver.ts";

const BODY_BYTES_MAX = 4_096;
const TOKEN_MS_MAX = 24 * 3_600_000;

/**
 * A browser's push service, and the browser behind it, which alone can read what comes (RFC 8030, 8291, 8292). It takes one server's
 * messages: the first that calls. At `/answers/413` it answers every message with that status.
 */
export class PushService extends Receiver {
  readonly #browser = createECDH("prime256v1");
  readonly #auth = randomBytes(16);
  #server: string | null = null;

  constructor() {
    super();
    this.#browser.generateKeys();
  }

  get config() {
    return {
      url: `${this.url}/wpush/v2/gAAAAABk`,
      p256dh: this.#browser.getPublicKey("base64url"),
      auth: this.#auth.toString("base64url"),
      browser: "Firefox on Linux",
    };
  }

  protected answer(asked: Asked): Reply {
    const { url, headers, bytes } = asked;
    const refused = this.#tokenRefusal(headers.authorization ?? "");
    if (refused !== null) return text(refused, 403);
    const [, status] = /^\/answers\/(\d{3})$/.exec(url.pathname) ?? [];
    if (status !== undefined) return text("It cannot be done.", Number(status));
    if (url.pathname !== "/wpush/v2/gAAAAABk") return text("no such subscription", 404);
    if (bytes.byteLength > BODY_BYTES_MAX) return text("payload too large", 413);
    this.expect(headers["content-encoding"] === "aes128gcm", `content-encoding ${headers["content-encoding"]}`);
    if (!/^\d+$/.test(String(headers["ttl"]))) return text("TTL is missing", 400);
    this.expect(["very-low", "low", "normal", "high"].includes(String(headers["urgency"])), "urgency");
    const topic = headers["topic"];
    this.expect(topic === undefined || /^[A-Za-z0-9_-]{1,32}$/.test(String(topic)), `topic ${String(topic)}`);
    const payload = JSON.parse(decrypted(bytes, this.#browser, this.#auth)) as Record<string, string | boolean>;
    this.take(asked, payload, {
      action: payload["isResolved"] === true ? "resolved" : "told",
      about: topic === undefined ? null : String(payload["tag"]),
      id: null,
      read: `${String(payload["title"])}\n${String(payload["body"])}`,
      link: String(payload["url"]),
    });
    return { ...text("", 201), headers: { location: `${this.url}/m/1` } };
  }

  /** Why a token is not taken; null where it is. */
  #tokenRefusal(authorization: string): string | null {
    const [, token = "", key = ""] = /^vapid t=([\w.-]+), k=([\w-]{87})$/.exec(authorization) ?? [];
    const [header, claims, signature] = token.split(".");
    if (signature === undefined) return "no VAPID token";
    const publicKey = createPublicKey({ key: jwkOf(key), format: "jwk" });
    const isSigned = verify(
      "sha256",
      Buffer.from(`${header}.${claims}`),
      { key: publicKey, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    if (!isSigned || partOf(header!)["alg"] !== "ES256") return "the signature is not right";
    const { aud, exp, sub } = partOf(claims!);
    if (aud !== this.url) return "the token is for somebody else";
    const expires = Number(exp) * 1_000;
    const isCurrent = clocks().some((now) => expires > now && expires <= now + TOKEN_MS_MAX);
    if (!isCurrent) return "the token is too old, or good for too long";
    if (!/^(https:|mailto:)\S+$/.test(String(sub))) return "nobody to reach";
    this.#server ??= key;
    return this.#server === key ? null : "the subscription is of another application server key";
  }

  protected refusal = () => text("the signature is not right", 403);
  protected gone = () => text("the subscription has ended", 410);
  protected tooOften = (seconds: number) => text("slow down", 429, { "retry-after": String(seconds) });
}

function partOf(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
}

/** Of an uncompressed point. */
function jwkOf(key: string) {
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  return { kty: "EC", crv: "P-256", x: x!, y: y! };
}
