import { createHash, randomBytes } from "node:crypto";

/** 256 bits: not to be guessed, so a plain SHA-256 of it is a safe thing to store. */
const SECRET_BYTES = 32;
const AGENT_TOKEN_PREFIX = "nep_";
const AGENT_TOKEN = /^nep_[A-Za-z0-9_-]{43}$/;

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** Prefixed, so that a token found in a log or a repository says what it is. */
export function newAgentTokenSecret(): string {
  return AGENT_TOKEN_PREFIX + newSecret();
}

/** False for what cannot be one of our tokens: refused without asking anybody. */
export function looksLikeAgentToken(text: string): boolean {
  return AGENT_TOKEN.test(text);
}

export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
