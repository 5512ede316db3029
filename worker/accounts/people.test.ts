import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Invitation, NewInvitation, PersonEntry, Session } from "../../contract/people.ts";
import { findPerson } from "../auth/store.ts";
import { database } from "../db/client.ts";
import { Browser, Owner } from "../testing/people.ts";
import { browserOf, personWith } from "../testing/seed-people.ts";
import { changePerson, deletePerson } from "./people-store.ts";

type People = { people: PersonEntry[]; invitations: Invitation[] };
let owner: Owner;
let ownerId: string;
const tokenOf = ({ link }: NewInvitation) => link.split("#")[1]!;
const accept = (token: string, body: Record<string, unknown> = {}) =>
  new Browser().fetch("/api/invitation/accept", { method: "POST", body: { token, name: "Somebody", ...body } });
const change = (as: Browser, id: string, body: unknown) => as.fetch(`/api/people/${id}`, { method: "PATCH", body });

beforeAll(async () => {
  owner = await Owner.signedIn();
  ownerId = (await owner.json<Session>("/api/session")).person.id;
});

describe("an invitation", () => {
  it("says what it is for, and makes a person with exactly that", async () => {
    const made = await owner.invite({ role: "operator", tags: ["Web", "db", "web"], email: "Op@Example.com" });
    expect(made.link).toMatch(/^http:\/\/nephos\.test\/join#[\w-]{43}$/);
    const offer = await new Browser().json("/api/invitation", { method: "POST", body: { token: tokenOf(made) } });
    expect(offer).toMatchObject({ role: "operator", tags: ["db", "web"], email: "op@example.com", invitedBy: "Owner" });
    // What is asked for beyond the invitation is not read: it was decided by who invited.
    const reply = await accept(tokenOf(made), { role: "owner", tags: null, email: "other@example.com", id: ownerId });
    expect(reply.status).toBe(201);
    const { person } = await reply.json<Session>();
    expect(person).toMatchObject({ role: "operator", tags: ["db", "web"], email: "op@example.com", name: "Somebody" });
    expect(person.id).not.toBe(ownerId);
  });

  it("works once: of ten who accept at once one gets in, and afterwards nobody", async () => {
    const token = tokenOf(await owner.invite({ role: "viewer" }));
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => accept(token)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
    expect((await accept(token)).status).toBe(401);
  });

  it("that is used, over, withdrawn or was never made is refused in the same words", async () => {
    const [used, over, withdrawn] = [
      await owner.invite({ role: "viewer" }),
      await owner.invite({ role: "viewer" }),
      await owner.invite({ role: "viewer" }),
    ];
    await accept(tokenOf(used));
    await env.DB.prepare("UPDATE invitation SET expires_at = 1 WHERE id = ?").bind(over.id).run();
    await owner.json(`/api/invitations/${withdrawn.id}`, { method: "DELETE" }, 204);
    const texts = new Set<string>();
    for (const token of [...[used, over, withdrawn].map(tokenOf), "B".repeat(43)]) {
      for (const path of ["/api/invitation", "/api/invitation/accept"]) {
        const reply = await new Browser().fetch(path, { method: "POST", body: { token, name: "x" } });
        expect(reply.status).toBe(401);
        texts.add(await reply.text());
      }
    }
    expect(texts.size).toBe(1);
  });

  it("grants nothing its maker does not have, and no role that does not exist", async () => {
    const admin = await owner.joined("admin");
    const invite = (body: unknown) => admin.fetch("/api/invitations", { method: "POST", body });
    expect(await (await invite({ role: "owner" })).json()).toMatchObject({ code: "role_too_low", field: "role" });
    expect(await (await invite({ role: "root" })).json()).toMatchObject({ code: "invalid_field", field: "role" });
    expect(await (await invite({ role: "admin", tags: ["web"] })).json()).toMatchObject({ field: "tags" });
    expect((await invite({ role: "admin" })).status).toBe(201);
  });

  it("is not made for an address that somebody has, nor accepted under one", async () => {
    await owner.joined("viewer", { email: "taken@example.com" });
    const again = await owner.fetch("/api/invitations", {
      method: "POST",
      body: { role: "viewer", email: "TAKEN@example.com" },
    });
    expect(await again.json()).toMatchObject({ code: "email_taken" });
    const token = tokenOf(await owner.invite({ role: "viewer" }));
    expect((await accept(token, { email: "taken@example.com" })).status).toBe(409);
    expect((await accept(token, { email: "free@example.com" })).status).toBe(201);
  });
});

describe("people", () => {
  it("are listed without anything secret, with how they sign in", async () => {
    const { people } = await owner.json<People>("/api/people");
    const me = people.find(({ id }) => id === ownerId)!;
    expect(me).toMatchObject({ name: "Owner", role: "owner", ways: [] });
    expect(JSON.stringify(people)).not.toMatch(/hash|secret|scrypt/);
  });

  it("change at once: a role that was taken away opens nothing any more", async () => {
    const admin = await owner.joined("admin");
    const { person } = await admin.json<Session>("/api/session");
    expect((await admin.fetch("/api/people")).status).toBe(200);
    expect((await change(owner, person.id, { role: "viewer", tags: ["web"] })).status).toBe(204);
    expect((await admin.fetch("/api/people")).status).toBe(403);
    expect((await admin.json<Session>("/api/session")).person).toMatchObject({ role: "viewer", tags: ["web"] });
    expect((await change(owner, person.id, { role: "admin" })).status).toBe(204);
    expect((await admin.json<Session>("/api/session")).person.tags).toBeNull();
  });

  it("are out at once when they are removed, with their sessions, tokens and passwords", async () => {
    const viewer = await owner.joined("viewer", { email: "leaver@example.com" });
    const { person } = await viewer.json<Session>("/api/session");
    const body = { label: "script", scopes: ["fleet:read"], expiresInDays: null };
    const token = await viewer.json<{ secret: string }>("/api/account/api-tokens", { method: "POST", body }, 201);
    const bearer = { headers: { authorization: `Bearer ${token.secret}` } };
    expect((await new Browser().fetch("/api/openapi.json", bearer)).status).toBe(200);
    expect((await owner.fetch(`/api/people/${person.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await viewer.fetch("/api/session")).status).toBe(401);
    expect((await new Browser().fetch("/api/openapi.json", bearer)).status).toBe(401);
    for (const table of ["session", "api_token", "passkey", "password", "totp", "identity"]) {
      const { results } = await env.DB.prepare(`SELECT 1 FROM ${table} WHERE person_id = ?`).bind(person.id).all();
      expect(results, table).toEqual([]);
    }
  });

  it("keep what was decided about them, whatever somebody with an older picture of them writes meanwhile", async () => {
    const db = database(env.DB);
    const me = (await findPerson(db, ownerId))!;
    const [a, b] = [
      (await findPerson(db, await personWith("admin")))!,
      (await findPerson(db, await personWith("admin")))!,
    ];
    // Read as admins by one another; then the owner decides otherwise.
    expect(await changePerson(db, me, a, { role: "viewer" })).toBe("done");
    expect(await changePerson(db, me, b, { role: "owner" })).toBe("done");
    expect(await changePerson(db, a, a, { role: "admin" })).toBe("changed meanwhile");
    expect(await changePerson(db, a, b, { role: "admin" })).toBe("changed meanwhile");
    expect(await changePerson(db, me, b, { name: "x" })).toBe("changed meanwhile");
    expect(await deletePerson(db, a, b)).toBe("changed meanwhile");
    expect([(await findPerson(db, a.id))!.role, (await findPerson(db, b.id))!.role]).toEqual(["viewer", "owner"]);
    await deletePerson(db, me, { ...b, role: "owner" });
  });

  it("who were removed or lowered cannot come back by an invitation or an enrolment token they made before", async () => {
    for (const fate of ["removed", "lowered"]) {
      const admin = await owner.joined("admin");
      const { person } = await admin.json<Session>("/api/session");
      const body = { role: "admin", expiresInDays: 30 };
      const invited = await admin.json<NewInvitation>("/api/invitations", { method: "POST", body }, 201);
      const label = { label: "later" };
      const { secret } = await admin.json<{ secret: string }>("/api/enrolments", { method: "POST", body: label }, 201);
      if (fate === "removed") await owner.json(`/api/people/${person.id}`, { method: "DELETE" }, 204);
      else expect((await change(owner, person.id, { role: "operator" })).status).toBe(204);
      const token = tokenOf(invited);
      expect((await new Browser().fetch("/api/invitation", { method: "POST", body: { token } })).status).toBe(401);
      expect((await accept(token)).status).toBe(401);
      const headers = { authorization: `Bearer ${secret}` };
      const enrolled = { method: "POST", headers, body: { instance: { id: "late" } } };
      expect((await new Browser().fetch("/enrol", enrolled)).status).toBe(401);
    }
  });

  it("who are signed out by somebody are out with their API tokens too", async () => {
    const admin = await owner.joined("admin");
    const { person } = await admin.json<Session>("/api/session");
    const body = { label: "script", scopes: ["people:read"], expiresInDays: null };
    const { secret } = await admin.json<{ secret: string }>("/api/account/api-tokens", { method: "POST", body }, 201);
    await owner.json(`/api/people/${person.id}/sessions`, { method: "DELETE" }, 204);
    const headers = { authorization: `Bearer ${secret}` };
    expect((await new Browser().fetch("/api/people", { headers })).status).toBe(401);
  });

  it("above oneself cannot be changed, removed or signed out", async () => {
    const admin = await owner.joined("admin");
    for (const [method, path] of [
      ["PATCH", `/api/people/${ownerId}`],
      ["DELETE", `/api/people/${ownerId}`],
      ["DELETE", `/api/people/${ownerId}/sessions`],
    ] as const) {
      const reply = await admin.fetch(path, { method, ...(method === "PATCH" && { body: { name: "x" } }) });
      expect(await reply.json()).toMatchObject({ code: "role_too_low" });
    }
    const { entries } = await owner.json<{ entries: { subject: string }[] }>("/api/audit?action=request.refused");
    expect(entries.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(["PATCH /api/people/:id", "DELETE /api/people/:id"]),
    );
    const { person } = await admin.json<Session>("/api/session");
    expect(await (await change(admin, person.id, { role: "owner" })).json()).toMatchObject({ code: "role_too_low" });
  });

  it("always hold one owner, also when two owners remove or demote each other at once", async () => {
    await env.DB.prepare("DELETE FROM person WHERE role = 'owner' AND id <> ?").bind(ownerId).run();
    expect(await (await change(owner, ownerId, { role: "admin" })).json()).toMatchObject({ code: "last_owner" });
    expect((await owner.fetch(`/api/people/${ownerId}`, { method: "DELETE" })).status).toBe(409);
    for (let round = 0; round < 10; round++) {
      const ids = [await personWith("owner"), await personWith("owner")];
      const [a, b] = await Promise.all(ids.map((id) => browserOf(id)));
      await env.DB.prepare("UPDATE person SET role = 'viewer' WHERE id = ?").bind(ownerId).run();
      await Promise.all([
        round % 2 ? change(a!, ids[1]!, { role: "viewer" }) : a!.fetch(`/api/people/${ids[1]}`, { method: "DELETE" }),
        round % 3 ? change(b!, ids[0]!, { role: "admin" }) : b!.fetch(`/api/people/${ids[0]}`, { method: "DELETE" }),
      ]);
      const left = await env.DB.prepare("SELECT count(*) AS owners FROM person WHERE role = 'owner'").first<number>(
        "owners",
      );
      expect(left).toBeGreaterThanOrEqual(1);
      await env.DB.prepare("DELETE FROM person WHERE id IN (?, ?)")
        .bind(...ids)
        .run();
      await env.DB.prepare("UPDATE person SET role = 'owner' WHERE id = ?").bind(ownerId).run();
    }
  });

  it("cannot make themselves more than they are by what they send", async () => {
    const viewer = await owner.joined("viewer", { tags: ["web"] });
    const before = (await viewer.json<Session>("/api/session")).person;
    const body = { name: "Me", role: "owner", tags: null, id: ownerId, email: "x@example.com", isEmailClaimed: false };
    await viewer.json("/api/account", { method: "PATCH", body }, 204);
    expect((await viewer.json<Session>("/api/session")).person).toEqual({ ...before, name: "Me" });
  });
});

describe("an API token", () => {
  const make = (as: Browser, scopes: string[], expiresInDays: number | null = null) =>
    as.json<{ id: string; secret: string; prefix: string }>(
      "/api/account/api-tokens",
      { method: "POST", body: { label: "script", scopes, expiresInDays } },
      201,
    );
  const ask = (secret: string, path: string, method = "GET") =>
    new Browser().fetch(path, { method, headers: { authorization: `Bearer ${secret}` } });

  it("does what it was made for and nothing else, and is shown by its beginning alone", async () => {
    const { secret, prefix } = await make(owner, ["audit:read"]);
    expect(secret.startsWith(prefix)).toBe(true);
    expect((await ask(secret, "/api/audit")).status).toBe(200);
    expect((await ask(secret, "/api/people")).status).toBe(403);
    expect((await ask(secret, "/api/account")).status).toBe(403);
    expect((await ask(secret, "/api/sign-in-ways")).status).toBe(403);
    const account = await owner.fetch("/api/account");
    expect(await account.text()).toContain(prefix);
    const row = await env.DB.prepare("SELECT last_used_at FROM api_token WHERE prefix = ?").bind(prefix).first();
    expect(Number(row!["last_used_at"])).toBeGreaterThan(0);
  });

  it("never does more than its maker may by now", async () => {
    const admin = await owner.joined("admin");
    const { person } = await admin.json<Session>("/api/session");
    const { secret } = await make(admin, ["people:read", "people:write"]);
    expect((await ask(secret, "/api/people")).status).toBe(200);
    expect((await ask(secret, `/api/people/${ownerId}`, "DELETE")).status).toBe(403);
    await change(owner, person.id, { role: "viewer" });
    expect((await ask(secret, "/api/people")).status).toBe(403);
  });

  it("ends at its time and when it is revoked, and is refused in the words of one that never was", async () => {
    const [over, revoked] = [await make(owner, ["audit:read"], 1), await make(owner, ["audit:read"])];
    await env.DB.prepare("UPDATE api_token SET expires_at = 1 WHERE id = ?").bind(over.id).run();
    await owner.json(`/api/account/api-tokens/${revoked.id}`, { method: "DELETE" }, 204);
    const texts = new Set<string>();
    for (const secret of [
      over.secret,
      revoked.secret,
      `nea_${"C".repeat(43)}`,
      over.secret.slice(0, -1),
      "nea_",
      "x",
    ]) {
      const reply = await ask(secret, "/api/audit");
      expect(reply.status).toBe(401);
      texts.add(await reply.text());
    }
    expect(texts.size).toBe(1);
  });

  it("is not made by a viewer to look after people, whatever scopes it asks for", async () => {
    const viewer = await owner.joined("viewer");
    const { secret } = await make(viewer, ["people:write", "agents:write", "fleet:write"]);
    expect((await ask(secret, `/api/people/${ownerId}`, "DELETE")).status).toBe(403);
    expect((await ask(secret, "/api/agent-tokens", "POST")).status).toBe(403);
  });

  it("is counted: who asks without end is told to wait", async () => {
    const { secret } = await make(owner, ["audit:read"]);
    let reply = await ask(secret, "/api/openapi.json");
    for (let i = 0; i < 320 && reply.status !== 429; i++) reply = await ask(secret, "/api/openapi.json");
    expect(reply.status).toBe(429);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});
