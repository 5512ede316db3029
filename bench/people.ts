import { createHmac, randomUUID } from "node:crypto";
import { SCOPE_NAMES, type Role, type Scope } from "../contract/roles.ts";
import { SESSION_SECRET } from "./capnp.ts";
import { hashOf, newSecret, query } from "./seed.ts";

/** People, their sessions and their API tokens, put into the database as signing in and the dashboard would. */
export async function seedPerson(d1Url: string, role: Role): Promise<string> {
  const id = randomUUID();
  const sql = "INSERT INTO person (id, name, role, created_at) VALUES (?, ?, ?, ?)";
  await query(d1Url, [{ sql, params: [id, `The ${role}`, role, Date.now()] }]);
  return id;
}

/** A session begun just now; the answer is its `Cookie` header. */
export async function seedSession(d1Url: string, personId: string): Promise<string> {
  const secret = newSecret();
  const now = Date.now();
  const sql =
    "INSERT INTO session (id, person_id, hash, rotated_at, way, browser, started_at, last_seen_at, expires_at) " +
    "VALUES (?, ?, ?, ?, 'link', 'The bench', ?, ?, ?)";
  await query(d1Url, [{ sql, params: [randomUUID(), personId, hashOf(secret), now, now, now, now + 3_600_000] }]);
  const signature = createHmac("sha256", SESSION_SECRET).update(secret).digest("base64");
  return `nephos_session=${encodeURIComponent(`${secret}.${signature}`)}`;
}

/** An API token with every scope but `without`. */
export async function seedApiToken(d1Url: string, personId: string, without: Scope | null): Promise<string> {
  const token = `nea_${newSecret()}`;
  const scopes = JSON.stringify(SCOPE_NAMES.filter((scope) => scope !== without));
  const sql =
    "INSERT INTO api_token (id, person_id, hash, prefix, label, scopes, created_at) VALUES (?, ?, ?, ?, 'bench', ?, ?)";
  await query(d1Url, [
    { sql, params: [randomUUID(), personId, hashOf(token), token.slice(0, 10), scopes, Date.now()] },
  ]);
  return token;
}
