import { beforeAll, describe, expect, it } from "vitest";
import type { Account, Passkey, Session } from "../../contract/people.ts";
import { Authenticator, type Lies } from "../testing/authenticator.ts";
import { Browser, ORIGIN, Owner } from "../testing/people.ts";

interface Options {
  options: { challenge: string; rpId?: string; allowCredentials?: unknown[]; excludeCredentials?: unknown[] };
}
let owner: Owner;
beforeAll(async () => {
  owner = await Owner.signedIn();
});

const post = (as: Browser, path: string, body: unknown = {}) => as.fetch(path, { method: "POST", body });

async function add(as: Browser, key: Authenticator, lies: Lies = {}) {
  const { options } = await (await post(as, "/api/account/passkeys/options")).json<Options>();
  return post(as, "/api/account/passkeys", { label: "Laptop", response: await key.register(options, lies) });
}

async function withPasskey() {
  const browser = await owner.joined("viewer");
  const key = new Authenticator(ORIGIN);
  const reply = await add(browser, key);
  expect(reply.status).toBe(201);
  return { browser, key, passkey: await reply.json<Passkey>() };
}

async function signIn(key: Authenticator, lies: Lies = {}, browser = new Browser()) {
  const { options } = await (await post(browser, "/api/sign-in/passkey/options")).json<Options>();
  return post(browser, "/api/sign-in/passkey", { response: await key.sign(options, lies) });
}

describe("a passkey", () => {
  it("is added by who is signed in, and signs them in again without a name or a password", async () => {
    const { browser, key } = await withPasskey();
    const me = await browser.json<Session>("/api/session");
    expect(me.hasWayBack).toBe(true);
    const elsewhere = new Browser();
    expect((await signIn(key, {}, elsewhere)).status).toBe(200);
    expect(await elsewhere.json<Session>("/api/session")).toMatchObject({ person: me.person, way: "passkey" });
    const { passkeys } = await browser.json<Account>("/api/account");
    expect(passkeys).toEqual([expect.objectContaining({ label: "Laptop", lastUsedAt: expect.any(Number) })]);
  });

  it("is asked for without telling which accounts have any", async () => {
    const { options } = await (await post(new Browser(), "/api/sign-in/passkey/options")).json<Options>();
    expect(options.allowCredentials ?? []).toEqual([]);
    expect(options.rpId).toBe("nephos.test");
  });

  it("is refused in the same words whatever is wrong with its answer", async () => {
    const { key } = await withPasskey();
    const stranger = new Authenticator(ORIGIN);
    await stranger.register({ challenge: "AAAA" });
    const texts = new Set<string>();
    const lies: Lies[] = [
      { origin: "https://evil.example" },
      { rpId: "evil.example" },
      { challenge: "c29tZXRoaW5nIGVsc2U" },
      { type: "webauthn.create" },
      { isUserVerified: false },
      { isSignatureBroken: true },
    ];
    for (const reply of [...(await Promise.all(lies.map((lie) => signIn(key, lie)))), await signIn(stranger)]) {
      expect(reply.status).toBe(401);
      texts.add(await reply.text());
    }
    expect(texts.size).toBe(1);
    const { entries } = await owner.json<{ entries: { reason: string }[] }>("/api/audit?action=session.refused");
    expect(entries.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(["the passkey's answer is not right", "an unknown passkey"]),
    );
  });

  it("whose counter runs backwards is a copy, and is refused", async () => {
    const { key } = await withPasskey();
    expect((await signIn(key, { counter: 41 })).status).toBe(200);
    expect((await signIn(key, { counter: 40 })).status).toBe(401);
    expect((await signIn(key, { counter: 42 })).status).toBe(200);
  });

  it("answers a challenge once, and only in the browser that was given it", async () => {
    const { key } = await withPasskey();
    const browser = new Browser();
    const { options } = await (await post(browser, "/api/sign-in/passkey/options")).json<Options>();
    const response = await key.sign(options);
    const copy = new Browser();
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    expect((await post(new Browser(), "/api/sign-in/passkey", { response })).status).toBe(401);
    expect((await post(browser, "/api/sign-in/passkey", { response })).status).toBe(200);
    expect((await post(copy, "/api/sign-in/passkey", { response })).status).toBe(401);
  });

  it("is not added with somebody else's challenge, from another origin, or twice", async () => {
    const { key, browser } = await withPasskey();
    expect((await add(browser, key)).status).toBe(401);
    expect((await add(browser, new Authenticator(ORIGIN), { origin: "https://evil.example" })).status).toBe(401);
    expect((await add(browser, new Authenticator(ORIGIN), { isUserVerified: false })).status).toBe(401);
    const other = await owner.joined("viewer");
    const { options } = await (await post(browser, "/api/account/passkeys/options")).json<Options>();
    other.cookies.set("nephos_newPasskey", browser.cookies.get("nephos_newPasskey")!);
    const response = await new Authenticator(ORIGIN).register(options);
    expect((await post(other, "/api/account/passkeys", { label: "x", response })).status).toBe(401);
  });

  it("is renamed and removed by its owner alone, and not while it is their only way in", async () => {
    const { browser, passkey } = await withPasskey();
    const path = `/api/account/passkeys/${passkey.id}`;
    const other = await owner.joined("viewer");
    for (const method of ["PATCH", "DELETE"]) {
      const sent = { method, ...(method === "PATCH" && { body: { label: "x" } }) };
      expect((await other.fetch(path, sent)).status).toBe(404);
    }
    expect((await browser.fetch(path, { method: "PATCH", body: { label: "Phone" } })).status).toBe(204);
    expect(await (await browser.fetch(path, { method: "DELETE" })).json()).toMatchObject({ code: "last_way_in" });
    await add(browser, new Authenticator(ORIGIN));
    expect((await browser.fetch(path, { method: "DELETE" })).status).toBe(204);
  });

  it("that is nonsense is refused without a trace in the answer", async () => {
    const { key, browser } = await withPasskey();
    const { options } = await (await post(browser, "/api/sign-in/passkey/options")).json<Options>();
    const good = await key.sign(options);
    for (const response of [
      {},
      { id: good.id },
      { ...good, response: null },
      { ...good, response: { ...good.response, authenticatorData: "AA" } },
      { ...good, response: { ...good.response, clientDataJSON: "bm90IGpzb24" } },
      { ...good, id: "' OR 1=1 --" },
      { ...good, id: { $ne: null } },
    ]) {
      const reply = await post(browser, "/api/sign-in/passkey", { response });
      expect(reply.status).toBe(401);
      expect(await reply.text()).not.toMatch(/\bat \S+:\d+|SQL|undefined/);
    }
    expect((await post(browser, "/api/sign-in/passkey", { response: "text" })).status).toBe(400);
  });
});
