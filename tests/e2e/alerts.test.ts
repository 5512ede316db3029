import { spawn, type ChildProcess } from "node:child_process";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath } from "../../scripts/chromium.ts";
import { Launched } from "../launched.ts";
import { ResendReceiver } from "../outside/channels/resend.ts";

/** This machine's CPU burns, and somebody is told by mail, looks, acknowledges, and hears that it is over. In front of the real `npm start`. */

/** So many that want to run are seen whatever else this machine does, and hold nothing up: they step aside for all others. */
const BURNING = 80;
/** Of the load over a minute. */
const CRITICAL = 20;
const RECOVERY = 16;
const LOAD_WAIT_MS = 150_000;

let nephos: Launched;
let mail: ResendReceiver;
let browser: Browser;
let page: Page;
let fire: ChildProcess[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  nephos = await Launched.start();
  mail = await ResendReceiver.start();
  browser = await chromium.launch({
    executablePath: chromiumPath()!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  await page.goto(nephos.link);
  await page.waitForURL(`${nephos.url}/`);
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
});
afterAll(async () => {
  putOut();
  await browser?.close();
  await mail?.stop();
  await nephos?.end();
});

function burn(): void {
  fire = Array.from({ length: BURNING }, () =>
    spawn("nice", ["-n", "19", "sh", "-c", "while :; do :; done"], { stdio: "ignore" }),
  );
}
function putOut(): void {
  for (const one of fire.splice(0)) one.kill("SIGKILL");
}

const says = (text: string | RegExp, timeout = 20_000) => page.getByText(text).first().waitFor({ timeout });
const button = (name: string | RegExp) => page.getByRole("button", { name });
const textOf = (letter: number) => (mail.received[letter]!.body as { text: string }).text;
const linkIn = (letter: number) => /http:\/\/localhost:\d+\/alerts\/[0-9a-f-]{36}/.exec(textOf(letter))?.[0];
const letters = () => mail.received.map(({ body }) => (body as { subject: string }).subject);

/** As the page itself would ask. */
async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  return page.evaluate(
    async ([how, where, what]) => {
      const reply = await fetch(where, {
        method: how,
        ...(what !== undefined && { headers: { "content-type": "application/json" }, body: what }),
      });
      if (!reply.ok) throw new Error(`${where}: ${reply.status} ${await reply.text()}`);
      return reply.status === 204 ? null : ((await reply.json()) as unknown);
    },
    [method, path, body === undefined ? undefined : JSON.stringify(body)] as [string, string, string?],
  );
}

it("rules are there from the beginning, and nothing is wrong", async () => {
  await page.locator("article a").first().waitFor({ timeout: 30_000 });
  await ask("PUT", "/api/sentinel/settings", {
    regions: ["weur"],
    allowsPrivateTargets: true,
    ownHostnames: [],
    makesDefaultChecks: false,
  });
  // What this machine does beside the test is nobody's trouble here.
  const { rules } = (await ask("GET", "/api/rules")) as { rules: { id: string; name: string }[] };
  expect(rules.length).toBeGreaterThanOrEqual(11);
  for (const { id } of rules) await ask("DELETE", `/api/rules/${id}`);
  await page.goto(`${nephos.url}/alerts`);
  await says("Nothing is wrong");
});

it("a channel is tried before it is kept, and a wrong key is refused in its provider's own words", async () => {
  await expect(
    ask("POST", "/api/channels", { name: "Ops", config: { ...config(), apiKey: "re_wrong" } }),
  ).rejects.toThrow("API key is invalid");
  await ask("POST", "/api/channels", { name: "Ops", config: config() });
  expect(letters()).toEqual(["[Test] Ops works"]);
  mail.received.splice(0);
  complaints.length = 0; // a browser logs each refusal
});
const config = () => ({ kind: "resend", ...mail.config });

it(
  "the CPU burns: an incident opens, the page shows it at once, and a letter says what, where and how bad",
  { timeout: LOAD_WAIT_MS + 30_000 },
  async () => {
    await ask("POST", "/api/rules", {
      name: "CPU burns",
      condition: {
        kind: "metric",
        metric: "load_1m",
        direction: "above",
        warning: null,
        critical: CRITICAL,
        recovery: RECOVERY,
      },
    });
    burn();
    await says(/^CPU burns: /, LOAD_WAIT_MS);
    await expect.poll(letters, { timeout: 15_000 }).toHaveLength(1);
    expect(letters()[0]).toMatch(/^\[Critical\] CPU burns: .+ since \d\d:\d\d/);
    expect(textOf(0)).toContain("critical above 20");
    expect(linkIn(0)).toContain(nephos.url);
    await expect.poll(() => page.title()).toMatch(/^\(1\) /);
    expect(mail.complaints).toEqual([]);
  },
);

it("the letter's link leads to the incident; it is acknowledged with a note, and no longer calls", async () => {
  await page.goto(linkIn(0)!);
  await says(/^CPU burns: /);
  await says("What it means");
  await button("Acknowledge").first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("It is only a test.");
  await dialog.getByRole("button", { name: "Acknowledge" }).click();
  await says("It is only a test.");
  await expect.poll(() => page.title()).not.toMatch(/^\(/);
});

it(
  "the fire is out: it is over on the page without a reload, and the last letter says so",
  { timeout: LOAD_WAIT_MS + 30_000 },
  async () => {
    putOut();
    await expect.poll(letters, { timeout: LOAD_WAIT_MS, interval: 500 }).toHaveLength(2);
    expect(letters()[1]).toMatch(/^\[Resolved\] CPU burns: /);
    await says("Resolved");
    await page.goto(`${nephos.url}/alerts`);
    await says("Nothing is wrong");
    expect(mail.complaints).toEqual([]);
    expect(complaints).toEqual([]);
  },
);
