import { randomUUID } from "node:crypto";
import type { D1Database } from "@cloudflare/workers-types";
import { hashOf, newSecret, shownPrefix } from "../../worker/auth/secret.ts";
import { SIGN_IN_LINK_TTL_MS } from "../../worker/settings.ts";

/** A link that signs in once; the secret is behind the #, so it is in no server's log. */
export async function makeSignInLink(db: D1Database, origin: string): Promise<string> {
  const secret = newSecret();
  const now = Date.now();
  await db
    .prepare("INSERT INTO sign_in_link (hash, created_at, expires_at) VALUES (?1, ?2, ?3)")
    .bind(hashOf(secret), now, now + SIGN_IN_LINK_TTL_MS)
    .run();
  return `${origin}/sign-in#${secret}`;
}

/** Lets this token in; one that is known already, also a bound one, stays as it is. */
export async function knowAgentToken(
  db: D1Database,
  secret: string,
  label: string,
  instanceId: string | null = null,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO agent_token (id, hash, prefix, label, instance_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
       ON CONFLICT (hash) DO UPDATE SET prefix = ?3`,
    )
    .bind(randomUUID(), hashOf(secret), shownPrefix(secret), label, instanceId, Date.now())
    .run();
}
