import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { EpochMs } from "../../contract/units.ts";
import type { ApiContext } from "../auth/api.ts";
import { hashOf, newSecret } from "../auth/secret.ts";
import { cookiePrefixOf } from "../auth/session.ts";
import { database } from "../db/client.ts";
import { SIGN_IN_STEP_TTL_MS } from "../settings.ts";
import { vaultOf } from "../vault/vault.ts";
import { useOnce } from "./store.ts";

/**
 * What must be remembered between two requests of one sign-in, by the browser and not by us: a stranger who begins a thousand
 * costs nothing. Sealed, so that it can be neither read nor changed; short-lived; and good for one success.
 */
export interface Steps {
  /** The challenge a passkey is to sign. */
  passkey: { challenge: string };
  /** The same for a new passkey, and whose it will be. */
  newPasskey: { challenge: string; personId: string };
  /** The password was right; a code is to come. */
  code: { personId: string };
  /** Away at an identity provider. */
  identityProvider: {
    providerId: string;
    state: string;
    nonce: string;
    codeVerifier: string;
    next: string;
    invitation: string | null;
  };
}

interface Sealed<Step> {
  step: Step;
  nonce: string;
  expiresAt: EpochMs;
}

export interface OpenStep<Step> {
  step: Step;
  /** Takes the step for good; of two who do, one gets true. */
  finish(): Promise<boolean>;
}

export async function giveStep<Name extends keyof Steps>(
  c: ApiContext,
  name: Name,
  step: Steps[Name],
  now: EpochMs,
): Promise<void> {
  const content: Sealed<Steps[Name]> = { step, nonce: newSecret(), expiresAt: now + SIGN_IN_STEP_TTL_MS };
  const prefix = cookiePrefixOf(c);
  setCookie(c, cookieOf(name), await vaultOf(c.env).seal(JSON.stringify(content), purposeOf(name)), {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: SIGN_IN_STEP_TTL_MS / 1_000,
    secure: prefix === "host",
    ...(prefix && { prefix }),
  });
}

/** The step this browser is at; undefined where it is at none, or it has expired. */
export async function openStep<Name extends keyof Steps>(
  c: ApiContext,
  name: Name,
  now: EpochMs,
): Promise<OpenStep<Steps[Name]> | undefined> {
  const prefix = cookiePrefixOf(c);
  const sealed = getCookie(c, cookieOf(name), prefix);
  if (!sealed) return undefined;
  let content: Sealed<Steps[Name]>;
  try {
    content = JSON.parse(await vaultOf(c.env).open(sealed, purposeOf(name))) as Sealed<Steps[Name]>;
  } catch {
    // Forged, or of a key that is gone: the same as none.
    return undefined;
  }
  if (content.expiresAt <= now) return undefined;
  return {
    step: content.step,
    finish: async () => {
      deleteCookie(c, cookieOf(name), { path: "/", secure: prefix === "host", ...(prefix && { prefix }) });
      return useOnce(database(c.env.DB), hashOf(content.nonce), content.expiresAt);
    },
  };
}

const cookieOf = (name: keyof Steps) => `nephos_${name}`;
const purposeOf = (name: keyof Steps) => `step ${name}`;
