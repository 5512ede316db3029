import { SignJWT, importJWK } from "jose";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import type { Vault } from "../vault/vault.ts";
import type { VapidKeys } from "./channel.ts";

/**
 * The keys this Nephos signs Web Push with (RFC 8292). Browsers subscribe to the public one and take messages of no other: it is made
 * once and stays.
 */
export const WEB_PUSH_KEY_PURPOSE = "web push key";

const ROW = 1;
/** A push service takes no token that is good for more than 24 hours; its clock may differ from ours. */
const TOKEN_SECONDS = 12 * 3_600;

interface Kept {
  publicKey: string;
  sealed: string;
}

/** Made on first use. Throws where the kept key does not open. */
export async function vapidKeys(db: Database, vault: Vault): Promise<VapidKeys> {
  const { publicKey, sealed } = await keptKeys(db, vault);
  return { publicKey, privateKey: JSON.parse(await vault.open(sealed, WEB_PUSH_KEY_PURPOSE)) as JsonWebKey };
}

/** What a browser subscribes with: the point, uncompressed, in base64url. Opens no secret. */
export async function vapidPublicKey(db: Database, vault: Vault): Promise<string> {
  return (await keptKeys(db, vault)).publicKey;
}

async function keptKeys(db: Database, vault: Vault): Promise<Kept> {
  const kept = await readKeys(db);
  if (kept) return kept;
  const { publicKey, privateKey } = await newVapidKeys();
  const sealed = await vault.seal(JSON.stringify(privateKey), WEB_PUSH_KEY_PURPOSE);
  await db.$client
    .prepare("INSERT OR IGNORE INTO notify_setting (id, vapid_public_key, vapid_private_key) VALUES (?1, ?2, ?3)")
    .bind(ROW, publicKey, sealed)
    .run();
  // Not what was just made: whoever was first has won.
  return (await readKeys(db)) ?? { publicKey, sealed };
}

async function readKeys(db: Database): Promise<Kept | null> {
  return await db.$client
    .prepare("SELECT vapid_public_key AS publicKey, vapid_private_key AS sealed FROM notify_setting WHERE id = ?1")
    .bind(ROW)
    .first<Kept>();
}

async function newVapidKeys(): Promise<VapidKeys> {
  const keys = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
  ])) as CryptoKeyPair;
  const point = (await crypto.subtle.exportKey("raw", keys.publicKey)) as ArrayBuffer;
  const { kty, crv, x, y, d } = (await crypto.subtle.exportKey("jwk", keys.privateKey)) as JsonWebKey;
  return { publicKey: Buffer.from(point).toString("base64url"), privateKey: { kty, crv, x, y, d } as JsonWebKey };
}

/** The `Authorization` that a push service asks for. `contact` is how its people reach whoever sends: `https:` or `mailto:`. */
export async function vapidAuthorization(
  { publicKey, privateKey }: VapidKeys,
  pushUrl: string,
  contact: string,
  now: EpochMs,
): Promise<string> {
  const token = await new SignJWT()
    .setProtectedHeader({ typ: "JWT", alg: "ES256" })
    .setAudience(new URL(pushUrl).origin)
    .setExpirationTime(Math.floor(now / 1_000) + TOKEN_SECONDS)
    .setSubject(contact)
    .sign(await importJWK(privateKey as Parameters<typeof importJWK>[0], "ES256"));
  return `vapid t=${token}, k=${publicKey}`;
}
