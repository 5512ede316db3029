import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { beforeEach, expect, it } from "vitest";
import type { Person } from "../../contract/people.ts";
import type { ApiContext } from "../auth/api.ts";
import { hashOf, newSecret } from "../auth/secret.ts";
import { personOf } from "./arrival.ts";
import type { AccountElsewhere, WayIn } from "./newcomer.ts";

const closed: WayIn = { providerId: "id", joinRole: null, joinDomains: [] };
const open: WayIn = { providerId: "id", joinRole: "viewer", joinDomains: ["example.com"] };
let subjects = 0;

beforeEach(async () => {
  await env.DB.batch(["person", "identity", "invitation"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  // Whoever invites: not counted below.
  await env.DB.prepare("INSERT INTO person (id, name, role, created_at) VALUES ('o', 'Owner', 'owner', 1)").run();
});

function account(email: string | null, isEmailVerified = true): AccountElsewhere {
  return { issuer: "https://id.example.com", subject: String(++subjects), email, isEmailVerified, name: "Ann" };
}

async function arrive(who: AccountElsewhere, wayIn = closed, invitation: string | null = null) {
  const app = new Hono<{ Bindings: Env }>().get("/", async (c) =>
    c.json(await personOf(c as unknown as ApiContext, who, wayIn, invitation, Date.now())),
  );
  return (await app.request("/", {}, env)).json<{ person?: Person; reason?: string }>();
}

async function invited(
  role: string,
  { email = null, tags = null }: { email?: string | null; tags?: string | null } = {},
) {
  const token = newSecret();
  await env.DB.prepare(
    `INSERT INTO invitation (id, hash, email, role, tags, invited_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, 'o', 1, ?)`,
  )
    .bind(crypto.randomUUID(), hashOf(token), email, role, tags, Date.now() + 60_000)
    .run();
  return token;
}

async function counts() {
  return env.DB.prepare(
    `SELECT (SELECT count(*) FROM person WHERE id <> 'o') AS people, (SELECT count(*) FROM identity) AS identities,
            (SELECT count(*) FROM invitation WHERE used_at IS NOT NULL) AS used`,
  ).first();
}

it("an invitation makes a person with its role and tags, once; the account is theirs from then on", async () => {
  const token = await invited("operator", { tags: '["web"]' });
  const ann = account("ann@example.com");
  const first = await arrive(ann, closed, token);
  expect(first.person).toMatchObject({ name: "Ann", email: "ann@example.com", role: "operator", tags: ["web"] });
  expect(await arrive(ann)).toEqual(first);
  expect(await arrive(account("eve@example.com"), closed, token)).toEqual({
    reason: "the invitation was used already",
  });
  expect(await counts()).toEqual({ people: 1, identities: 1, used: 1 });
});

it("of many who show one invitation at once, one joins", async () => {
  const token = await invited("admin");
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, n) => arrive(account(`a${n}@example.com`), closed, token)),
  );
  expect(all.filter(({ person }) => person)).toHaveLength(1);
  expect(await counts()).toEqual({ people: 1, identities: 1, used: 1 });
});

it("one account that comes several times at once becomes one person", async () => {
  const ann = account("ann@example.com");
  const all = await Promise.all(Array.from({ length: 8 }, () => arrive(ann, open)));
  expect(new Set(all.map(({ person }) => person?.id)).size).toBe(1);
  expect(await counts()).toEqual({ people: 1, identities: 1, used: 0 });
});

it("two accounts with one verified address that come at once are one person with two identities", async () => {
  const all = await Promise.all([1, 2, 3].map(() => arrive(account("ann@example.com"), open)));
  expect(new Set(all.map(({ person }) => person?.id)).size).toBe(1);
  expect(await counts()).toEqual({ people: 1, identities: 3, used: 0 });
});

it("an unverified address is no way to somebody else's account, nor is it kept as one's own", async () => {
  const { person: ann } = await arrive(account("ann@example.com"), open);
  expect((await arrive(account("ann@example.com", false), open)).reason).toContain("not verified");
  const { person: eve } = await arrive(account("ann@example.com", false), open, await invited("viewer"));
  expect(eve).toMatchObject({ email: null, role: "viewer" });
  expect(eve!.id).not.toBe(ann!.id);
});

it("an invitation sent to an address needs no link; who joins so has its role", async () => {
  await invited("admin", { email: "ann@example.com" });
  expect((await arrive(account("ann@example.com", false))).reason).toBeDefined();
  expect((await arrive(account("ann@example.com"), open)).person).toMatchObject({ role: "admin" });
  expect(await counts()).toEqual({ people: 1, identities: 1, used: 1 });
});

it("who joined and what was linked is in the audit log", async () => {
  const { person } = await arrive(account("ann@example.com"), open);
  const { results } = await env.DB.prepare("SELECT action, after FROM audit_entry WHERE actor_id = ? ORDER BY id")
    .bind(person!.id)
    .all();
  expect(results).toEqual([
    { action: "person.joined", after: "viewer, by the domain of their e-mail address" },
    { action: "identity.linked", after: `${subjects} at https://id.example.com` },
  ]);
});
