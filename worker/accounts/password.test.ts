import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Secret, TOTP } from "otpauth";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ErrorReply } from "../../contract/ingest.ts";
import type { Account, Session } from "../../contract/people.ts";
import { WRONG_PER_ACCOUNT_MAX } from "../settings.ts";
import { Browser, Owner } from "../testing/people.ts";
import { plant } from "../testing/planted.ts";

const PASSWORD = plant("correct horse battery staple");
let owner: Owner;
let people = 0;

beforeAll(async () => {
  owner = await Owner.signedIn();
});

/** All strangers together may only try so often in a minute; every test begins with a minute of its own. */
beforeEach(async () => {
  const desk = env.SIGN_IN_DESK.get(env.SIGN_IN_DESK.idFromName("the-only-one"));
  await runInDurableObject(desk, (_desk, state) => void state.storage.sql.exec("DELETE FROM attempts"));
});

async function withPassword(): Promise<{ browser: Browser; email: string }> {
  const email = `person-${++people}@example.com`;
  const browser = await owner.joined("viewer", { email });
  await browser.json("/api/account/password", { method: "PUT", body: { password: PASSWORD } }, 204);
  return { browser, email };
}

const signIn = (browser: Browser, email: string, password: string) =>
  browser.fetch("/api/sign-in/password", { method: "POST", body: { email, password } });

describe("a password", () => {
  it("signs in, in any case of the address, and is kept only as a slow hash", async () => {
    const { email } = await withPassword();
    const elsewhere = new Browser();
    const reply = await signIn(elsewhere, email.toUpperCase(), PASSWORD);
    expect(await reply.json()).toMatchObject({ session: { person: { email }, way: "password", hasWayBack: true } });
    expect((await elsewhere.fetch("/api/session")).status).toBe(200);
    const { results } = await env.DB.prepare("SELECT hash FROM password").all<{ hash: string }>();
    for (const { hash } of results) expect(hash).toMatch(/^scrypt\$14\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
  });

  it("that is wrong, an account that is not there and one without a password are refused in the same words", async () => {
    const { email } = await withPassword();
    const noPassword = `none-${++people}@example.com`;
    await owner.joined("viewer", { email: noPassword });
    const answers = [];
    for (const [claimed, password] of [
      [email, "wrong horse battery staple"],
      ["nobody@example.com", PASSWORD],
      [noPassword, PASSWORD],
      ["' OR 1=1 --", PASSWORD],
      ["", ""],
    ] as const) {
      const reply = await signIn(new Browser(), claimed, password);
      expect(reply.status).toBe(401);
      answers.push(await reply.text());
    }
    expect(new Set(answers).size).toBe(1);
    const { entries } = await owner.json<{ entries: { reason: string; subject: string }[] }>(
      "/api/audit?action=session.refused",
    );
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ subject: email, reason: "the password is wrong" }),
        expect.objectContaining({ subject: "nobody@example.com", reason: expect.stringContaining("nobody") }),
      ]),
    );
  });

  it("is refused when it is short, and when the account has no address to sign in with", async () => {
    const browser = await owner.joined("viewer");
    const set = (body: unknown) => browser.fetch("/api/account/password", { method: "PUT", body });
    expect(await (await set({ password: "short" })).json<ErrorReply>()).toMatchObject({ field: "password" });
    expect(await (await set({ password: PASSWORD })).json<ErrorReply>()).toMatchObject({ field: "email" });
    const { email } = await withPassword();
    expect((await set({ password: PASSWORD, email })).status).toBe(409);
    expect((await set({ password: PASSWORD, email: `own-${++people}@example.com` })).status).toBe(204);
  });

  it("that is set ends every other session of the account, and no session of anybody else", async () => {
    const { browser, email } = await withPassword();
    const other = new Browser();
    await signIn(other, email, PASSWORD);
    await browser.json("/api/account/password", { method: "PUT", body: { password: `${PASSWORD} 2` } }, 204);
    expect((await other.fetch("/api/session")).status).toBe(401);
    expect((await browser.fetch("/api/session")).status).toBe(200);
    expect((await owner.fetch("/api/session")).status).toBe(200);
  });

  it("cannot be guessed by strangers for long, while its owner's own browser still gets in", async () => {
    const { browser, email } = await withPassword();
    await browser.json("/api/session", { method: "DELETE" }, 204);
    let last = 0;
    for (let i = 0; i <= WRONG_PER_ACCOUNT_MAX && last !== 429; i++) {
      last = (await signIn(new Browser(), email, `guess ${i}`)).status;
    }
    expect(last).toBe(429);
    const right = await signIn(new Browser(), email, PASSWORD);
    expect(right.status).toBe(429);
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await signIn(browser, email, PASSWORD)).status).toBe(200);
  });

  it("cannot be removed while it is the only way in", async () => {
    const { browser } = await withPassword();
    const reply = await browser.fetch("/api/account/password", { method: "DELETE" });
    expect(await reply.json()).toMatchObject({ code: "last_way_in" });
  });
});

describe("the second step", () => {
  async function withTotp() {
    const { browser, email } = await withPassword();
    const { secret, url } = await browser.json<{ secret: string; url: string }>("/api/account/totp", {
      method: "POST",
      body: {},
    });
    plant(secret);
    const totp = new TOTP({ secret: Secret.fromBase32(secret), issuer: "Nephos", label: email });
    expect(url).toBe(totp.toString());
    // The code of the step before is still good, so that the present one is left for signing in.
    const code = totp.generate({ timestamp: Date.now() - 30_000 });
    const body = { code };
    const { recoveryCodes } = await browser.json<{ recoveryCodes: string[] }>("/api/account/totp/confirm", {
      method: "POST",
      body,
    });
    return { browser, email, totp, recoveryCodes };
  }

  const code = (browser: Browser, text: string) =>
    browser.fetch("/api/sign-in/code", { method: "POST", body: { code: text } });

  it("comes after the right password: no session before the code, and one code is good once", async () => {
    const { email, totp } = await withTotp();
    const browser = new Browser();
    expect(await (await signIn(browser, email, PASSWORD)).json()).toEqual({ session: null });
    expect((await browser.fetch("/api/session")).status).toBe(401);
    expect((await code(browser, "000000")).status).toBe(401);
    const now = totp.generate();
    expect(await (await code(browser, now)).json<Session>()).toMatchObject({ person: { email }, way: "password" });
    const second = new Browser();
    await signIn(second, email, PASSWORD);
    expect((await code(second, now)).status).toBe(401);
  });

  it("cannot be skipped, nor taken with the step of another browser that was finished already", async () => {
    const { email, totp } = await withTotp();
    expect((await code(new Browser(), totp.generate())).status).toBe(401);
    const browser = new Browser();
    await signIn(browser, email, PASSWORD);
    const thief = new Browser();
    for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
    const both = await Promise.all([code(browser, totp.generate()), code(thief, totp.generate())]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it("gives way to a recovery code, each once, however it is typed", async () => {
    const { browser, email, recoveryCodes } = await withTotp();
    expect(recoveryCodes).toHaveLength(10);
    const used = recoveryCodes[0]!;
    for (const [typed, status] of [
      [` ${used.toUpperCase().replace("-", " ")} `, 200],
      [used, 401],
    ] as const) {
      const elsewhere = new Browser();
      await signIn(elsewhere, email, PASSWORD);
      expect((await code(elsewhere, typed)).status).toBe(status);
    }
    const { totp } = await browser.json<Account>("/api/account");
    expect(totp).toEqual({ isOn: true, recoveryCodesLeft: 9 });
  });

  it("is not asked of a code that was tried too often", async () => {
    const { email } = await withTotp();
    const browser = new Browser();
    await signIn(browser, email, PASSWORD);
    const statuses = [];
    for (let i = 0; i <= WRONG_PER_ACCOUNT_MAX; i++) statuses.push((await code(browser, `00000${i % 10}`)).status);
    expect(statuses.at(-1)).toBe(429);
  });

  it("keeps its secret sealed in the database", async () => {
    await withTotp();
    const { results } = await env.DB.prepare("SELECT secret FROM totp").all<{ secret: string }>();
    expect(results.length).toBeGreaterThan(0);
    for (const { secret } of results) expect(secret).toMatch(/^v1\.[a-z0-9]+\.[\w-]{16}\.[\w-]+$/);
  });
});
