import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits: not to be guessed, so a plain SHA-256 of it is a safe thing to store. */
const SECRET_BYTES = 32;

/** Prefixed, so that a token found in a log or a repository says what it is. */
const PREFIXES = { agent: "nep_", enrolment: "nee_", api: "nea_" } as const;
export type TokenKind = keyof typeof PREFIXES;
const REST = /^[A-Za-z0-9_-]{43}$/;
/** So much of a token is kept and shown, to know it again by: 36 bits of 256. */
const SHOWN_LENGTH = 10;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

export function newToken(kind: TokenKind): string {
  return PREFIXES[kind] + newSecret();
}

/** False for what cannot be one of our tokens of this kind: refused without asking anybody. */
export function looksLike(kind: TokenKind, text: string): boolean {
  return text.startsWith(PREFIXES[kind]) && REST.test(text.slice(PREFIXES[kind].length));
}

export function shownPrefix(token: string): string {
  return token.slice(0, SHOWN_LENGTH);
}

export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares without telling by its time where the two differ. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
