import { describe, expect, it } from "vitest";
import { app } from "../app.ts";
import { fetchApp, openLink, ORIGIN, Owner, printedLink } from "../testing/people.ts";

/** The only addresses that answer a stranger with anything but a refusal. */
const PUBLIC = new Set(["GET /api/health", "OPTIONS /ingest", "OPTIONS /ingest/vultr"]);

const routes = [
  ...new Set(app.routes.filter((route) => route.method !== "ALL").map((route) => `${route.method} ${route.path}`)),
];

/** What stands on every answer, whoever asked and whatever came of it. */
const SECURED = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "strict-transport-security": "max-age=31536000",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
function expectSecured(reply: Response): void {
  expect(Object.fromEntries(reply.headers)).toMatchObject(SECURED);
}

describe("a stranger", () => {
  it("is met by a list of routes that holds what it should", () => {
    expect(routes).toEqual(
      expect.arrayContaining(["GET /live", "POST /ingest", "GET /api/instances/:id/series", "POST /api/session"]),
    );
    expect(routes.length).toBeGreaterThanOrEqual(14);
  });

  it.each(routes)("gets nothing from %s", async (route) => {
    const [method, path] = route.split(" ") as [string, string];
    const address = path.replace(":id", "web-1");
    for (const headers of [
      {},
      { cookie: "nephos_session=forged.signature" },
      { authorization: "Bearer nep_no", origin: ORIGIN },
    ]) {
      const reply = await fetchApp(address, { method, headers: { ...headers } as Record<string, string> });
      expectSecured(reply);
      if (PUBLIC.has(route)) expect(reply.status).toBe(200);
      else expect([401, 403, route === "POST /api/session" ? 400 : 401]).toContain(reply.status);
    }
  });

  it("gets no socket", async () => {
    const reply = await fetchApp("/live", { headers: { upgrade: "websocket", origin: ORIGIN } });
    expect(reply.status).toBe(401);
    expect(reply.webSocket).toBeNull();
  });

  it("gets a plain 404, and no trace, from an address that is not there", async () => {
    const reply = await fetchApp("/api/nothing");
    expect(reply.status).toBe(404);
    expectSecured(reply);
    expect(await reply.text()).not.toMatch(/\bat \S+:\d+/);
  });
});

describe("the sign-in link", () => {
  it("signs in once, into a cookie no script can read", async () => {
    const token = await printedLink();
    const first = await openLink(token);
    expect(first.status).toBe(200);
    expect(first.headers.get("set-cookie")).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/i);
    expect((await openLink(token)).status).toBe(401);
  });

  it("is taken by one of two who open it at once", async () => {
    const token = await printedLink();
    const statuses = (await Promise.all([openLink(token), openLink(token)])).map((reply) => reply.status);
    expect(statuses.sort()).toEqual([200, 401]);
  });

  it("is refused after its time", async () => {
    expect((await openLink(await printedLink(Date.now() - 1))).status).toBe(401);
  });

  it("cannot be opened by a page of somebody else", async () => {
    const body = JSON.stringify({ token: await printedLink() });
    const reply = await fetchApp("/api/session", { method: "POST", headers: { origin: "https://evil.example" }, body });
    expect(reply.status).toBe(403);
  });
});

describe("a session", () => {
  it("ends with signing out, also for a copy of the cookie", async () => {
    const owner = await Owner.signedIn();
    const reply = await owner.fetch("/api/session");
    expect(reply.status).toBe(200);
    expectSecured(reply);
    expect((await owner.fetch("/api/session", { method: "DELETE" })).status).toBe(204);
    expect((await owner.fetch("/api/session")).status).toBe(401);
  });

  it("changes nothing and opens no socket on behalf of a foreign page", async () => {
    const owner = await Owner.signedIn();
    const headers = { origin: "https://evil.example" };
    expect((await owner.fetch("/api/agent-tokens", { method: "POST", body: { label: "x" }, headers })).status).toBe(
      403,
    );
    expect((await owner.fetch("/live", { headers: { ...headers, upgrade: "websocket" } })).status).toBe(403);
  });
});
