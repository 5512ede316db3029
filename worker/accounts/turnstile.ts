import { z } from "zod";
import type { ApiContext } from "../auth/api.ts";
import { addressOf } from "../auth/address.ts";
import { OUTSIDE_TIMEOUT_MS } from "../settings.ts";

/** Cloudflare Turnstile before the password, where its two keys are set. https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ */
const SITEVERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
const replySchema = z.object({ success: z.boolean(), hostname: z.string().optional() });

interface TurnstileEnv {
  TURNSTILE_SITE_KEY?: string;
  TURNSTILE_SECRET_KEY?: string;
  /** Where another address speaks for Cloudflare's. */
  TURNSTILE_VERIFY_URL?: string;
}

export function turnstileSiteKey(env: Env): string | null {
  const { TURNSTILE_SITE_KEY, TURNSTILE_SECRET_KEY } = env as TurnstileEnv;
  return TURNSTILE_SITE_KEY && TURNSTILE_SECRET_KEY ? TURNSTILE_SITE_KEY : null;
}

/** True where Turnstile is not set up. Where Cloudflare cannot be asked, false: the other ways in remain. */
export async function isHuman(c: ApiContext, token: string | undefined): Promise<boolean> {
  if (turnstileSiteKey(c.env) === null) return true;
  if (!token) return false;
  const { TURNSTILE_SECRET_KEY: secret, TURNSTILE_VERIFY_URL: url = SITEVERIFY } = c.env as TurnstileEnv;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret, response: token, remoteip: addressOf(c) ?? undefined }),
      signal: AbortSignal.timeout(OUTSIDE_TIMEOUT_MS),
    });
    const { success, hostname } = replySchema.parse(await answer.json());
    return success && (hostname === undefined || hostname === new URL(c.req.url).hostname);
  } catch {
    return false;
  }
}
