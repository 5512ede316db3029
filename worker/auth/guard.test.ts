import { describe, expect, it } from "vitest";
import { ENDPOINTS } from "../../contract/api.ts";
import { app } from "../app.ts";
import { Browser, fetchApp, openLink, ORIGIN, Owner, printedLink } from "../testing/people.ts";

/** The only addresses that answer a stranger with anything but a refusal. */
const PUBLIC: Record<string, number> = {
  "GET /api/health": 200,
  "GET /api/sign-in": 200,
  // Sends the browser back to the sign-in page, for it is at no provider.
  "GET /api/sign-in/callback": 302,
  // What a passkey is to sign, which says nothing of anybody.
  "POST /api/sign-in/passkey/options": 200,
  "OPTIONS /ingest": 200,
  "OPTIONS /ingest/vultr": 200,
};
/** Those that are not rows of the table: agents' and other senders' own, and what jobs call. */
const BEAT = ["GET", "POST"].flatMap((method) => [`${method} /beat/:address`, `${method} /beat/:address/fail`]);
const INGEST = ["GET /agent", "OPTIONS /ingest", "OPTIONS /ingest/vultr", "POST /ingest", "POST /ingest/vultr"];

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
};
function expectSecured(reply: Response): void {
  expect(Object.fromEntries(reply.headers)).toMatchObject(SECURED);
}

describe("a stranger", () => {
  it("is met by exactly the routes of the table, and those of ingest", () => {
    expect([...routes].sort()).toEqual([...Object.keys(ENDPOINTS), ...INGEST, ...BEAT].sort());
  });

  it("is met fast: no two addresses are so alike that Hono falls back to its slower router", async () => {
    await fetchApp("/api/health");
    expect(app.router.name).toContain("RegExpRouter");
  });

  it.each(routes)("gets nothing from %s", async (route) => {
    const [method, path] = route.split(" ") as [string, string];
    const address = path.replace(":id", "web-1");
    const sent: Record<string, string>[] = [
      {},
      { origin: ORIGIN },
      {
        origin: ORIGIN,
        cookie: "nephos_session=forged.signature; nephos_browser=forged.signature; nephos_code=forged",
      },
      { origin: ORIGIN, authorization: "Bearer nep_no" },
      { origin: ORIGIN, authorization: `Bearer nea_${"A".repeat(43)}` },
      { origin: ORIGIN, authorization: `Bearer nee_${"A".repeat(43)}` },
    ];
    for (const headers of sent) {
      const init = { method, headers: { ...headers, "cf-connecting-ip": new Browser().address } };
      const reply = await fetchApp(address, { ...init, ...(!["GET", "OPTIONS"].includes(method) && { body: "{}" }) });
      expectSecured(reply);
      const isDoor = (ENDPOINTS as Record<string, { access: unknown }>)[route]?.access === "door";
      if (isDoor && headers["origin"] === undefined) expect(reply.status).toBe(403);
      // Their address is the secret: one that is wrong is simply not there.
      else if (BEAT.includes(route)) expect(reply.status).toBe(404);
      else if (route in PUBLIC) expect(reply.status).toBe(PUBLIC[route]);
      // A way in says what is missing before it says no.
      else expect(isDoor ? [400, 401] : [401]).toContain(reply.status);
      expect(reply.headers.getSetCookie().filter((cookie) => cookie.includes("nephos_session="))).toEqual([]);
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
    for (const cookie of first.headers.getSetCookie()) {
      expect(cookie).toMatch(/HttpOnly/i);
      expect(cookie).toMatch(/SameSite=Lax/i);
    }
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
    const token = await printedLink();
    for (const origin of ["https://evil.example", `${ORIGIN}.evil.example`, "null", ""]) {
      const headers = { origin };
      const reply = await new Browser().fetch("/api/sign-in/link", { method: "POST", headers, body: { token } });
      expect(reply.status).toBe(403);
    }
    expect((await openLink(token)).status).toBe(200);
  });
});

describe("a session", () => {
  it("ends with signing out, also for a copy of the cookie", async () => {
    const owner = await Owner.signedIn();
    const copy = { cookie: owner.cookie };
    const reply = await owner.fetch("/api/session");
    expect(reply.status).toBe(200);
    expectSecured(reply);
    expect((await owner.fetch("/api/session", { method: "DELETE" })).status).toBe(204);
    expect((await owner.fetch("/api/session")).status).toBe(401);
    expect((await new Browser().fetch("/api/session", { headers: copy })).status).toBe(401);
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
