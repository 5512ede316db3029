import type { EpochMs } from "../../contract/units.ts";
import { hashOf } from "../auth/secret.ts";
import { RECOVERY_CODES } from "../settings.ts";

/** Codes of an authenticator app (RFC 6238): SHA-1, six digits, 30 seconds, which is what every app does. */
const PERIOD_SECONDS = 30;
/** A clock may be off by one step either way. */
const STEPS_OFF_MAX = 1;

async function totpOf(secret: string, label: string) {
  const { TOTP, Secret } = await import("otpauth");
  return new TOTP({ issuer: "Nephos", label, secret: Secret.fromBase32(secret), period: PERIOD_SECONDS });
}

/** A new secret in base32, and the address an app reads from the picture. */
export async function newTotp(label: string): Promise<{ secret: string; url: string }> {
  const { Secret } = await import("otpauth");
  const secret = new Secret({ size: 20 }).base32;
  return { secret, url: (await totpOf(secret, label)).toString() };
}

/** The time step the code is of; null where it is of none near now. */
export async function stepOfCode(secret: string, code: string, now: EpochMs): Promise<number | null> {
  const off = (await totpOf(secret, "")).validate({ token: code, timestamp: now, window: STEPS_OFF_MAX });
  return off === null ? null : Math.floor(now / 1_000 / PERIOD_SECONDS) + off;
}

/** 50 bits each: not to be guessed in ten tries. Crockford's base 32 has no letter that is mistaken for a digit. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const CODE_LENGTH = 10;

export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const bytes = crypto.getRandomValues(new Uint8Array(CODE_LENGTH));
    const text = [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
    return `${text.slice(0, 5)}-${text.slice(5)}`;
  });
}

/** A recovery code is long, random and good once, so a plain hash keeps it safe; the person's id keeps two from being alike. */
export function recoveryHash(personId: string, code: string): string {
  const plain = code
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .replaceAll("o", "0")
    .replace(/[il]/g, "1");
  return hashOf(`${personId} ${plain}`);
}

export function isTotpCode(code: string): boolean {
  return /^\d{6}$/.test(code.replaceAll(" ", ""));
}
