import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Account, Session } from "../../contract/people.ts";
import { SESSION_IDLE_MS, SESSION_ROTATE_EVERY_MS, SESSION_ROTATE_GRACE_MS } from "../settings.ts";
import { Browser, openLink, Owner, printedLink } from "../testing/people.ts";

/** Time is moved by moving what the database remembers of it. */
async function moveBack(sessionId: string, columns: Record<string, number>): Promise<void> {
  const sets = Object.keys(columns).map((column) => `${column} = ${column} - ?`);
  await env.DB.prepare(`UPDATE session SET ${sets.join(", ")} WHERE id = ?`)
    .bind(...Object.values(columns), sessionId)
    .run();
}

const status = async (browser: Browser) => (await browser.fetch("/api/session")).status;
const reasons = async (owner: Browser) =>
  (await owner.json<{ entries: { reason: string }[] }>("/api/audit?action=request.refused")).entries.map(
    ({ reason }) => reason,
  );

it("the first printed link makes the owner, and every further one signs in the same person", async () => {
  const [first, second] = [await Owner.signedIn(), await Owner.signedIn()];
  const [a, b] = [await first.json<Session>("/api/session"), await second.json<Session>("/api/session")];
  expect(a.person).toEqual({ id: b.person.id, name: "Owner", email: null, role: "owner", tags: null });
  expect(a.id).not.toBe(b.id);
  expect(a).toMatchObject({ way: "link", hasWayBack: false });
  const { results } = await env.DB.prepare("SELECT id FROM person WHERE role = 'owner'").all();
  expect(results).toHaveLength(1);
});

it("a session ends when its time is over, and when nobody used it for a week", async () => {
  const owner = await Owner.signedIn();
  const [expired, idle] = [await Owner.signedIn(), await Owner.signedIn()];
  const idOf = async (browser: Browser) => (await browser.json<Session>("/api/session")).id;
  await env.DB.prepare("UPDATE session SET expires_at = 1 WHERE id = ?")
    .bind(await idOf(expired))
    .run();
  await moveBack(await idOf(idle), { last_seen_at: SESSION_IDLE_MS });
  expect(await status(expired)).toBe(401);
  expect(await status(idle)).toBe(401);
  expect(await reasons(owner)).toEqual(
    expect.arrayContaining(["the session has expired", "the session was not used for too long"]),
  );
});

it("a cookie gets a new secret every day, and the old one is good for a moment only", async () => {
  const owner = await Owner.signedIn();
  const { id } = await owner.json<Session>("/api/session");
  const [before, copy] = [owner.cookie, new Browser()];
  await moveBack(id, { rotated_at: SESSION_ROTATE_EVERY_MS });
  expect(await status(owner)).toBe(200);
  expect(owner.cookie).not.toBe(before);
  // Requests under way still carry the old one; one whose answer got lost is given a new one again.
  const late = { headers: { cookie: before } };
  expect((await copy.fetch("/api/account", late)).status).toBe(200);
  await copy.fetch("/api/session", late);
  expect(copy.cookies.get("nephos_session")).toBeDefined();
  expect(await status(copy)).toBe(200);
});

it("an old cookie that turns up later ends the session for both who hold one", async () => {
  const owner = await Owner.signedIn();
  const witness = await Owner.signedIn();
  const stolen = owner.cookie;
  const { id } = await owner.json<Session>("/api/session");
  await moveBack(id, { rotated_at: SESSION_ROTATE_EVERY_MS });
  expect(await status(owner)).toBe(200);
  await moveBack(id, { rotated_at: SESSION_ROTATE_GRACE_MS });
  expect((await new Browser().fetch("/api/session", { headers: { cookie: stolen } })).status).toBe(401);
  expect(await status(owner)).toBe(401);
  expect(await reasons(witness)).toEqual(expect.arrayContaining([expect.stringContaining("the session was ended")]));
});

it("signing in never goes on with the session the browser came with", async () => {
  const attacker = await (await Owner.signedIn()).joined("viewer");
  const fixed = attacker.cookie;
  const victim = new Browser();
  for (const [name, value] of attacker.cookies) victim.cookies.set(name, value);
  const body = { token: await printedLink() };
  expect(await victim.json("/api/sign-in/link", { method: "POST", body })).toMatchObject({ person: { role: "owner" } });
  expect(victim.cookie).not.toBe(fixed);
  expect((await new Browser().fetch("/api/session", { headers: { cookie: fixed } })).status).toBe(401);
});

it("a person sees their sessions and ends one or all of them, but never somebody else's", async () => {
  const owner = await Owner.signedIn();
  const viewer = await owner.joined("viewer");
  const other = await owner.joined("viewer");
  const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const again = new Owner();
  await again.json("/api/sign-in/link", {
    method: "POST",
    body: { token: await printedLink() },
    headers: { "user-agent": agent },
  });
  const { sessions } = await owner.json<Account>("/api/account");
  expect(sessions.filter(({ isThis }) => isThis)).toHaveLength(1);
  const entry = sessions.find(({ browser }) => browser === "Firefox on Linux")!;
  expect(entry).toMatchObject({ isThis: false, way: "link", address: again.address });
  expect((await viewer.fetch(`/api/account/sessions/${entry.id}`, { method: "DELETE" })).status).toBe(404);
  await owner.json(`/api/account/sessions/${entry.id}`, { method: "DELETE" }, 204);
  expect(await status(again)).toBe(401);
  await viewer.json("/api/account/sessions", { method: "DELETE" }, 204);
  expect([await status(viewer), await status(other), await status(owner)]).toEqual([401, 200, 200]);
});

it("a cookie that is forged, cut, of another key or empty is no session, and all are told the same", async () => {
  const owner = await Owner.signedIn();
  const good = owner.cookies.get("nephos_session")!;
  const [value, signature] = decodeURIComponent(good).split(".") as [string, string];
  const swapped = signature.replace(/^./, (first) => (first === "A" ? "B" : "A"));
  const answers = new Set<string>();
  for (const cookie of [
    good.slice(0, -3),
    encodeURIComponent(`${value}.${swapped}`),
    encodeURIComponent(`${value.slice(1)}.${signature}`),
    value,
    "",
    ".",
    encodeURIComponent(`.${signature}`),
    "a".repeat(4_000),
  ]) {
    const reply = await new Browser().fetch("/api/session", { headers: { cookie: `nephos_session=${cookie}` } });
    expect(reply.status).toBe(401);
    answers.add(await reply.text());
  }
  expect(answers.size).toBe(1);
  expect(await status(owner)).toBe(200);
});

it("over HTTPS cookies are bound to this very host", async () => {
  const reply = await (
    await import("cloudflare:workers")
  ).exports.default.fetch(
    new Request("https://nephos.test/api/sign-in/link", {
      method: "POST",
      headers: { origin: "https://nephos.test" },
      body: JSON.stringify({ token: await printedLink() }),
    }),
  );
  const cookies = reply.headers.getSetCookie();
  expect(cookies.map((cookie) => cookie.split("=")[0]).sort()).toEqual([
    "__Host-nephos_browser",
    "__Host-nephos_session",
  ]);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).not.toMatch(/Domain/i);
  }
});

it("a printed link that was opened, was never made or is over is refused in the same words", async () => {
  const used = await printedLink();
  await openLink(used);
  const texts = new Set<string>();
  for (const token of [used, "A".repeat(43), await printedLink(Date.now() - 1)]) {
    const reply = await openLink(token);
    expect(reply.status).toBe(401);
    texts.add(await reply.text());
  }
  expect(texts.size).toBe(1);
  expect((await openLink("short")).status).toBe(400);
});
