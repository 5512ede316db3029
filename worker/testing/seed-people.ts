import { serializeSigned } from "hono/utils/cookie";
import { env } from "cloudflare:workers";
import { SCOPE_NAMES, type Role, type Scope } from "../../contract/roles.ts";
import { hashOf, newSecret, newToken } from "../auth/secret.ts";
import { insertApiToken, insertPerson, insertSession } from "../auth/store.ts";
import { database } from "../db/client.ts";
import { plant } from "./planted.ts";
import { Browser } from "./people.ts";

/** People put straight into the database, many and fast: for tests that need one of each for every request. */
export async function personWith(role: Role): Promise<string> {
  const id = crypto.randomUUID();
  await insertPerson(database(env.DB), { id, name: `the ${role}`, email: null, role, tags: null }, Date.now());
  return id;
}

export async function browserOf(personId: string, startedAt = Date.now()): Promise<Browser> {
  const secret = plant(newSecret());
  const session = {
    id: crypto.randomUUID(),
    personId,
    hash: hashOf(secret),
    previousHash: null,
    rotatedAt: startedAt,
    way: "link" as const,
    browser: "Test",
    address: null,
    startedAt,
    lastSeenAt: Date.now(),
    expiresAt: Date.now() + 86_400_000,
  };
  await insertSession(database(env.DB), session, 1_000);
  const browser = new Browser();
  const cookie = await serializeSigned("nephos_session", secret, env.SESSION_SECRET);
  browser.cookies.set("nephos_session", cookie.split(";")[0]!.slice("nephos_session=".length));
  return browser;
}

export async function apiTokenOf(
  personId: string,
  scopes: readonly Scope[] = SCOPE_NAMES,
  expiresAt: number | null = null,
) {
  const secret = plant(newToken("api"));
  await insertApiToken(database(env.DB), {
    id: crypto.randomUUID(),
    personId,
    hash: hashOf(secret),
    prefix: secret.slice(0, 10),
    label: "test",
    scopes: [...scopes],
    createdAt: Date.now(),
    expiresAt,
    lastUsedAt: null,
  });
  return secret;
}
