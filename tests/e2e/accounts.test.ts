import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Secret, TOTP } from "otpauth";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath } from "../../scripts/chromium.ts";
import { Launched } from "../launched.ts";
import { OidcProvider } from "../outside/oidc-provider.ts";

/** People with browsers in front of the real `npm start`: how they come in, come back and invite one another. */
const AGENT = join(resolve(import.meta.dirname, "../.."), "web/build/agent/nephos-agent.mjs");
const PASSWORD = "correct horse battery staple";
const EMAIL = "owner@example.com";

let nephos: Launched;
let oidc: OidcProvider;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let totp: TOTP;
let recoveryCode = "";

beforeAll(async () => {
  nephos = await Launched.start("--no-agent");
  oidc = await OidcProvider.start(`${nephos.url}/api/sign-in/callback`, {
    ada: { email: "ada@example.com", email_verified: true, name: "Ada" },
    eve: { email: "eve@example.com", email_verified: false, name: "Eve" },
  });
  browser = await chromium.launch({
    executablePath: chromiumPath()!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
});
afterAll(async () => {
  await browser?.close();
  await oidc?.stop();
  await nephos?.end();
});

const button = (name: string | RegExp, on = page) => on.getByRole("button", { name });
const dialog = (on = page) => on.getByRole("dialog");

async function signOut(on = page): Promise<void> {
  const rail = on.getByRole("navigation", { name: "Main" });
  await rail.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await on.waitForURL(/\/sign-in/);
}

/** In a browser of its own, that never saw the first one. */
async function elsewhere(): Promise<Page> {
  return (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
}

it("the owner comes by the printed link, is told that it is the only way in, and adds a passkey", async () => {
  await page.goto(nephos.link);
  await page.waitForURL(`${nephos.url}/`);
  await page.getByText("this session is your only way in").click();
  await page.waitForURL(/\/account/);
  await button("Add a passkey").click();
  await dialog().getByLabel("Name").fill("Work laptop");
  await dialog().getByRole("button", { name: "Save" }).click();
  await page.getByText("Work laptop").first().waitFor();
  await expect.poll(() => page.getByText("this session is your only way in").count()).toBe(0);
});

it("the passkey signs in again, with one click and nothing typed", async () => {
  await signOut();
  await button("Sign in with a passkey").click();
  await page.waitForURL(`${nephos.url}/`);
});

it("a password is set, and two-step sign-in switched on with a picture for the app", async () => {
  await page.goto(`${nephos.url}/account`);
  await button("Set a password").click();
  await dialog().getByLabel("E-mail").fill(EMAIL);
  await dialog().getByLabel("New password").fill(PASSWORD);
  await dialog()
    .getByRole("button", { name: /Set|Save/ })
    .click();
  await dialog().waitFor({ state: "hidden" });
  await button("Switch on").click();
  await dialog().locator("svg path").first().waitFor();
  const secret = /\b[A-Z2-7]{4}(?: ?[A-Z2-7]{4}){7}\b/.exec(await dialog().innerText())![0].replaceAll(" ", "");
  totp = new TOTP({ secret: Secret.fromBase32(secret) });
  // The step before is good too, and leaves the present one for signing in.
  await dialog()
    .getByLabel(/code/i)
    .fill(totp.generate({ timestamp: Date.now() - 30_000 }));
  await dialog().getByRole("button", { name: "Switch it on" }).click();
  await dialog().locator("ol li").first().waitFor();
  const codes = await dialog().locator("ol li").allInnerTexts();
  expect(codes).toHaveLength(10);
  recoveryCode = codes[0]!;
});

it("in another browser the password asks for the code, and then signs in", async () => {
  const other = await elsewhere();
  await other.goto(`${nephos.url}/sign-in`);
  await other.getByLabel("E-mail").fill(EMAIL);
  await other.getByLabel("Password").fill("wrong horse battery staple");
  await button("Sign in", other).last().click();
  await other.getByText("do not belong together").waitFor();
  await other.getByLabel("Password").fill(PASSWORD);
  await button("Sign in", other).last().click();
  await other.getByLabel(/Code from your app/).fill("000000");
  await button("Continue", other).click();
  await other.getByText("This code is not right").waitFor();
  await other.getByLabel(/Code from your app/).fill(totp.generate());
  await button("Continue", other).click();
  await other.waitForURL(`${nephos.url}/`);
  await other.context().close();
});

it("a recovery code does in place of the phone", async () => {
  const other = await elsewhere();
  await other.goto(`${nephos.url}/sign-in`);
  await other.getByLabel("E-mail").fill(EMAIL);
  await other.getByLabel("Password").fill(PASSWORD);
  await button("Sign in", other).last().click();
  await other.getByLabel(/Code from your app/).fill(recoveryCode);
  await button("Continue", other).click();
  await other.waitForURL(`${nephos.url}/`);
  await other.context().close();
});

it("somebody is invited by a link, joins, and is shown what a viewer may see and no more", async () => {
  await page.goto(`${nephos.url}/people`);
  await button("Invite").click();
  await button("Make the link").click();
  await dialog().getByText("The invitation is ready").waitFor();
  const link = /http:\/\/localhost:\d+\/join#[\w-]{43}/.exec(await dialog().innerText())![0];
  await page.keyboard.press("Escape");
  const other = await elsewhere();
  await other.goto(link);
  await other.getByText("invited you").waitFor();
  expect(other.url()).not.toContain("#");
  await other.getByLabel("Your name").fill("Vera");
  await button("Join", other).click();
  await other.waitForURL(/\/account/);
  await other.getByText("Welcome, Vera").waitFor();
  expect(await other.getByRole("link", { name: "People" }).count()).toBe(0);
  expect(await other.getByRole("link", { name: "Add instance" }).count()).toBe(0);
  await other.goto(`${nephos.url}/people`);
  await other.getByText("takes the role admin").waitFor();
  await other.goto(link);
  await other.getByText("was used or withdrawn").waitFor();
  await other.context().close();
});

it("who has an account elsewhere comes in by it once its domain may join, and nobody by an unverified address", async () => {
  await page.goto(`${nephos.url}/people`);
  await button("Add one").click();
  await dialog().getByLabel("Name").fill("Example SSO");
  await dialog().getByLabel("Issuer").fill(oidc.issuer);
  await dialog().getByLabel("Client id").fill(oidc.clientId);
  await dialog().getByLabel("Client secret").fill(oidc.clientSecret);
  await dialog().locator("select").selectOption("viewer");
  await dialog()
    .getByLabel(/domain/i)
    .fill("example.com");
  await dialog().getByRole("button", { name: "Save" }).click();
  await page.getByText("OpenID Connect").first().waitFor();
  for (const [account, isWelcome] of [
    ["ada", true],
    ["eve", false],
  ] as const) {
    const other = await elsewhere();
    await other.goto(`${nephos.url}/sign-in?next=${encodeURIComponent("/account")}`);
    await button("Continue with Example SSO", other).click({ timeout: 20_000 });
    await other.getByLabel("Account").fill(account);
    await button("Sign in", other).click();
    await other.waitForURL(isWelcome ? /\/account/ : /\/sign-in/);
    if (isWelcome) await other.getByText("ada@example.com").first().waitFor();
    else expect((await other.request.get(`${nephos.url}/api/session`)).status()).toBe(401);
    await other.context().close();
  }
});

it("a page of another origin can neither listen on the socket nor read nor change anything", async () => {
  const evil: Server = createServer((_request, response) =>
    response.setHeader("content-type", "text/html").end("<p>hi"),
  );
  await once(evil.listen(0, "127.0.0.1"), "listening");
  const other = await context.newPage();
  await other.goto(`http://localhost:${(evil.address() as { port: number }).port}/`);
  const outcome = await other.evaluate(async (url) => {
    const socket = await new Promise<string>((resolve) => {
      const opened = new WebSocket(`${url.replace("http", "ws")}/live`);
      opened.onmessage = () => resolve("heard");
      opened.onerror = () => resolve("refused");
    });
    const read = await fetch(`${url}/api/account`, { credentials: "include" }).then(
      (reply) => `read ${reply.status}`,
      () => "refused",
    );
    const body = JSON.stringify({ name: "Mallory" });
    await fetch(`${url}/api/account`, { method: "PATCH", credentials: "include", mode: "no-cors", body }).catch(
      () => {},
    );
    await fetch(`${url}/api/session`, { method: "POST", credentials: "include", mode: "no-cors", body }).catch(
      () => {},
    );
    return { socket, read };
  }, nephos.url);
  expect(outcome).toEqual({ socket: "refused", read: "refused" });
  const account = await (await page.request.get(`${nephos.url}/api/account`)).json();
  expect(account.person.name).toBe("Owner");
  await other.close();
  evil.close();
});

it("an agent exchanges the line's token for its own, and the page says that it is here", async () => {
  await page.goto(`${nephos.url}/add`);
  await page.getByLabel("Name", { exact: true }).first().fill("web-1");
  await button("Make the install line").click();
  await page.getByText("Waiting for the first sample").waitFor();
  const enrolment = /nee_[\w-]{43}/.exec(await page.locator("main").innerText())![0];
  const run = (token: string, argument: string) =>
    promisify(execFile)(process.execPath, [AGENT, argument], {
      env: { NEPHOS_ENDPOINT: nephos.url, NEPHOS_TOKEN: token, INSTANCE_ID: "e2e-web-1", INSTANCE_NAME: "web-1" },
    });
  const own = (await run(enrolment, "--enrol")).stdout.trim();
  expect(own).toMatch(/^nep_[\w-]{43}$/);
  await run(own, "--once");
  await page.getByText("is reporting").waitFor({ timeout: 20_000 });
  await expect(run(enrolment, "--enrol")).rejects.toThrow();
});

it("what happened stands in the audit log, refusals too, and no secret in anything that was printed", async () => {
  await page.goto(`${nephos.url}/audit`);
  await page.getByRole("table").getByText("Enrolled an agent").waitFor();
  const log = await page.locator("main table").innerText();
  for (const words of [
    "Added a passkey",
    "Switched two-step sign-in on",
    "Joined",
    "Enrolled an agent",
    "Sign-in refused",
  ]) {
    expect(log).toContain(words);
  }
  for (const secret of [PASSWORD, recoveryCode, oidc.clientSecret, totp.secret.base32]) {
    expect(nephos.output).not.toContain(secret);
    expect(log).not.toContain(secret);
  }
  expect(nephos.output).not.toMatch(/ne[pea]_[\w-]{20}/);
});

it("signing out everywhere ends every session of the account", async () => {
  await page.goto(`${nephos.url}/account`);
  await button("Sign out everywhere").click();
  await dialog().getByRole("button", { name: "Sign out everywhere" }).click();
  await page.waitForURL(/\/sign-in/);
  expect((await page.request.get(`${nephos.url}/api/session`)).status()).toBe(401);
});
