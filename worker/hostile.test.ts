import { z } from "zod";
import { beforeAll, describe, expect, it } from "vitest";
import { ENDPOINTS, type Endpoint } from "../contract/api.ts";
import { BODY_BYTES_MAX } from "../contract/limits.ts";
import { Browser, envelope, fetchApp, Owner, post } from "./testing/people.ts";

/** What an attacker types into every field there is. */
const TEXTS = [
  "' OR '1'='1",
  "'; DROP TABLE person; --",
  '" union select hash from session --',
  "<script>alert(1)</script>",
  "../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "a\r\nset-cookie: x=y",
  "a\u0000b",
  "\ud800",
  "__proto__",
  "constructor",
  "${7*7}{{7*7}}",
  "javascript:alert(1)",
  "\u202egnp.exe",
  "a".repeat(100_000),
  "",
];
const VALUES: unknown[] = [null, 0, -1, 1e308, true, [], {}, [[]], { $ne: null }, { toString: "x" }, ["a", 1]];

/** No stack, no SQL, nothing of the machine, in whatever comes back. */
const TRACES = /\bat \S+ ?\(?\S*:\d+|SQLITE|D1_ERROR|near "|SELECT |INSERT INTO|node_modules|\/work\/|drizzle/;

let owner: Owner;
let viewer: Browser;
beforeAll(async () => {
  owner = await Owner.signedIn();
  const { secret } = await owner.newToken("web-1");
  await post(secret, envelope({ samples: [{ seq: 1, at: Date.now(), metrics: { load_1m: 1 } }] }));
  viewer = await owner.joined("viewer");
});

const rows = Object.entries(ENDPOINTS) as [string, Endpoint][];
/** These end what the test stands on; each has its own tests. */
const ENDS = new Set(["DELETE /api/session", "DELETE /api/account/sessions"]);

async function expectClean(reply: Response, what: string): Promise<void> {
  const text = await reply.text();
  expect(text, what).not.toMatch(TRACES);
  expect(reply.status, `${what}: ${text.slice(0, 200)}`).toBeLessThan(500);
  for (const [name, value] of reply.headers) expect(`${name}: ${value}`, what).not.toMatch(/[\r\n]|x=y/);
}

function fieldsOf({ body }: Endpoint): string[] {
  if (!body) return [];
  const { properties = {} } = z.toJSONSchema(body, { io: "input", unrepresentable: "any" });
  return Object.keys(properties);
}

describe("hostile input", () => {
  it.each(rows.filter(([, row]) => row.body))(
    "in any field of %s leaves no trace and breaks nothing",
    async (name, row) => {
      const [method, path] = name.split(" ") as [string, string];
      const fields = fieldsOf(row);
      for (const field of fields) {
        for (const value of [...TEXTS, ...VALUES]) {
          // The others as empty as can be: what is looked at is this one.
          const body = { ...Object.fromEntries(fields.map((other) => [other, "x"])), [field]: value };
          const as = row.access === "door" ? new Browser() : owner;
          const address = path.replace(":id", "web-1");
          await expectClean(
            await as.fetch(address, { method, body }),
            `${name} ${field}=${JSON.stringify(value)?.slice(0, 60)}`,
          );
        }
      }
    },
  );

  it.each(rows.filter(([name]) => name.includes(":id") && !ENDS.has(name)))(
    "in the address of %s finds nothing and breaks nothing",
    async (name) => {
      const [method, path] = name.split(" ") as [string, string];
      for (const text of TEXTS.filter((one) => one.length < 1_000 && one !== "\ud800")) {
        const address = path.replace(":id", encodeURIComponent(text));
        const reply = await owner.fetch(address, {
          method,
          ...(method !== "GET" && method !== "DELETE" && { body: {} }),
        });
        expect(reply.status, address).not.toBe(204);
        await expectClean(reply, address);
      }
      for (const text of ["../../api/people", "..%2f..%2fpeople", "%2e%2e/people", "web-1%00", "web-1/../../people"]) {
        const reply = await viewer.fetch(path.replace(":id", text), { method: "GET" });
        expect([400, 401, 403, 404, 405], `${path} ${text}`).toContain(reply.status);
        await expectClean(reply, text);
      }
    },
  );

  it("in any query is refused with its field, or finds nothing", async () => {
    for (const path of [
      "/api/audit",
      "/api/audit/export.csv",
      "/api/instances/web-1/series",
      "/api/sign-in/callback",
    ]) {
      for (const name of [
        "below",
        "action",
        "actor",
        "text",
        "from",
        "to",
        "metrics",
        "points",
        "state",
        "code",
        "iss",
      ]) {
        for (const text of TEXTS.filter((one) => one !== "\ud800")) {
          const query = `?${name}=${encodeURIComponent(text.slice(0, 2_000))}`;
          const as = path.includes("callback") ? new Browser() : owner;
          await expectClean(await as.fetch(path + query), `${path}${query.slice(0, 60)}`);
        }
      }
    }
  });

  it("as a body that is no JSON, is huge, deep or of another kind is refused clearly, everywhere", async () => {
    for (const [name, { access }] of rows.filter(([, row]) => row.body)) {
      const [method, path] = name.split(" ") as [string, string];
      const as = access === "door" ? new Browser() : owner;
      const send = (body: string) => as.fetch(path.replace(":id", "web-1"), { method, body });
      for (const body of ["", "{", "null", "[]", '"text"', "1", "NaN", '{"a":1}}', "<xml/>"]) {
        const reply = await send(body);
        await expectClean(reply.clone(), `${name} ${body}`);
        expect([400, 401, 404, 409], `${name} ${body} ${reply.status}`).toContain(reply.status);
      }
      const statuses = [await send("[".repeat(20) + "]".repeat(20)), await send("x".repeat(BODY_BYTES_MAX + 1))];
      if (path !== "/enrol")
        expect(
          statuses.map(({ status }) => status),
          name,
        ).toEqual([400, 413]);
    }
  });

  it("cannot reach what objects inherit", async () => {
    const body = '{"name":"x","__proto__":{"role":"owner"},"constructor":{"prototype":{"role":"owner"}}}';
    await viewer.fetch("/api/account", { method: "PATCH", body });
    expect((await viewer.fetch("/api/people")).status).toBe(403);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it("in headers forges neither origin nor address nor method", async () => {
    const token = { token: "A".repeat(43) };
    for (const headers of [
      { "x-forwarded-host": "evil.example", origin: "https://evil.example" },
      { host: "evil.example", origin: "https://evil.example" },
      { "x-http-method-override": "DELETE", origin: "https://evil.example" },
    ]) {
      const reply = await new Browser().fetch("/api/sign-in/link", { method: "POST", headers, body: token });
      expect([401, 403]).toContain(reply.status);
    }
    const headers = { "x-http-method-override": "DELETE", cookie: owner.cookie };
    await fetchApp("/api/session", { headers });
    expect((await owner.fetch("/api/session")).status).toBe(200);
    expect((await fetchApp("/api/health", { method: "TRACE" }).catch(() => ({ status: 405 }))).status).not.toBe(200);
  });

  it("guesses no id: what is somebody else's answers as what is not there", async () => {
    const other = await owner.joined("viewer");
    const body = { label: "mine", scopes: ["fleet:read"], expiresInDays: null };
    const { id } = await other.json<{ id: string }>("/api/account/api-tokens", { method: "POST", body }, 201);
    const [foreign, missing] = await Promise.all(
      [id, crypto.randomUUID()].map((one) => viewer.fetch(`/api/account/api-tokens/${one}`, { method: "DELETE" })),
    );
    expect([foreign!.status, await foreign!.text()]).toEqual([missing!.status, await missing!.text()]);
    expect(foreign!.status).toBe(404);
  });
});
