import { expect, describe, it } from "vitest";
import { ENDPOINTS, type Access, type Endpoint } from "../../contract/api.ts";
import { isAtLeast, ROLES, SCOPE_NAMES, type Role } from "../../contract/roles.ts";
import { Browser, ORIGIN } from "../testing/people.ts";
import { apiTokenOf, browserOf, personWith } from "../testing/seed-people.ts";

/** What the gate itself says; everything else comes from behind it. */
const GATE_CODES = new Set(["sign_in_required", "role_too_low", "scope_missing", "sign_in_again", "foreign_origin"]);
const HOUR_MS = 3_600_000;

const guarded = (Object.entries(ENDPOINTS) as [string, Endpoint][]).filter(
  (entry): entry is [string, Endpoint & { access: Exclude<Access, string> }] => typeof entry[1].access === "object",
);

async function ask(name: string, as: Browser, headers: Record<string, string> = {}) {
  const [method, path] = name.split(" ") as [string, string];
  // Nobody and nothing goes by this id: what is let through finds nothing, and so changes nothing.
  const reply = await as.fetch(path.replace(":id", "nobody-there"), {
    method,
    headers,
    ...(method !== "GET" && method !== "DELETE" && { body: "{}" }),
  });
  const text = await reply.text();
  const code = text.startsWith("{") ? (JSON.parse(text) as { code?: string }).code : undefined;
  return { status: reply.status, code, isRefusedByGate: code !== undefined && GATE_CODES.has(code) };
}

describe.each(guarded)("%s", (name, { access }) => {
  it("refuses a stranger", async () => {
    expect(await ask(name, new Browser())).toMatchObject({ status: 401, code: "sign_in_required" });
  });

  it.each(ROLES)(`lets in or refuses a person by role: %s`, async (role: Role) => {
    const answer = await ask(name, await browserOf(await personWith(role)));
    if (!isAtLeast(role, access.role)) expect(answer).toMatchObject({ status: 403, code: "role_too_low" });
    else expect(answer).toMatchObject({ isRefusedByGate: false });
  });

  it.each(ROLES)("lets in or refuses an API token with every scope by its maker's role: %s", async (role: Role) => {
    const headers = { authorization: `Bearer ${await apiTokenOf(await personWith(role))}` };
    const answer = await ask(name, new Browser(), headers);
    if (access.scope === null) expect(answer).toMatchObject({ status: 403, code: "scope_missing" });
    else if (!isAtLeast(role, access.role)) expect(answer).toMatchObject({ status: 403, code: "role_too_low" });
    else expect(answer).toMatchObject({ isRefusedByGate: false });
  });

  it("refuses an owner's API token that lacks its scope", async () => {
    const others = SCOPE_NAMES.filter((scope) => scope !== access.scope);
    const headers = { authorization: `Bearer ${await apiTokenOf(await personWith("owner"), others)}` };
    expect(await ask(name, new Browser(), headers)).toMatchObject({ status: 403, code: "scope_missing" });
  });

  it("refuses an expired API token", async () => {
    const token = await apiTokenOf(await personWith("owner"), SCOPE_NAMES, Date.now() - 1);
    const answer = await ask(name, new Browser(), { authorization: `Bearer ${token}` });
    expect(answer).toMatchObject({ status: 401, code: "token_unknown" });
  });

  it("asks for a fresh session exactly where its row says so", async () => {
    const answer = await ask(name, await browserOf(await personWith("owner"), Date.now() - HOUR_MS));
    if (access.isFresh) expect(answer).toMatchObject({ status: 403, code: "sign_in_again" });
    else expect(answer).toMatchObject({ isRefusedByGate: false });
  });

  it("changes nothing for a page of somebody else", async () => {
    const owner = await browserOf(await personWith("owner"));
    const isChange = !name.startsWith("GET");
    const isSocket = name === "GET /live";
    const headers = { origin: "https://evil.example", ...(isSocket && { upgrade: "websocket" }) };
    const answer = await ask(name, owner, headers);
    if (isChange || isSocket) expect(answer).toMatchObject({ status: 403, code: "foreign_origin" });
    // A read may come from anywhere, and no other page can see its answer: nothing allows it to.
    else expect(answer).toMatchObject({ isRefusedByGate: false });
  });
});

it("an owner's request goes through under its own origin, so that the refusals above are worth something", async () => {
  const owner = await browserOf(await personWith("owner"));
  expect((await owner.fetch("/api/people", { headers: { origin: ORIGIN } })).status).toBe(200);
});
