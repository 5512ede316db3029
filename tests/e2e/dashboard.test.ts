import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath } from "../../scripts/chromium.ts";
import { Launched } from "../launched.ts";
import { CuttableWire } from "../outside/cuttable-wire.ts";

/** A person and a browser in front of the real `npm start`. */
let nephos: Launched;
let wire: CuttableWire;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  nephos = await Launched.start();
  wire = await CuttableWire.to(nephos.port);
  browser = await chromium.launch({
    executablePath: chromiumPath()!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
    ],
  });
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  await wire?.end();
  await nephos?.end();
});

it("a stranger is shown the sign-in page and nothing else", async () => {
  const answer = await page.goto(`http://localhost:${wire.port}/`);
  expect(answer!.headers()).toMatchObject({
    "content-security-policy": "frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  await page.waitForURL(/\/sign-in/);
  await page.getByText("npm start").first().waitFor();
  complaints.length = 0; // the refusal of /api/session is this page's business, not a fault
});

it("the printed link signs in, and this machine appears", async () => {
  await page.goto(`http://localhost:${wire.port}/sign-in${new URL(nephos.link).hash}`);
  await page.waitForURL(`http://localhost:${wire.port}/`);
  expect(page.url()).not.toContain(new URL(nephos.link).hash.slice(1));
  await page.locator("article a").first().waitFor({ timeout: 20_000 });
});

it("its CPU chart is drawn, and moves as samples come", async () => {
  await page.locator("article a").first().click();
  await page.locator("#section-cpu").waitFor();
  const canvas = page.locator('section[aria-labelledby="section-cpu"] canvas').first();
  await canvas.waitFor();
  const picture = () => canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
  const before = await picture();
  await expect.poll(picture, { timeout: 30_000, interval: 500 }).not.toBe(before);
});

it("says so when the connection drops, keeps what it knows, and comes back by itself", async () => {
  const name = await page.locator("h1").first().innerText();
  wire.cut();
  await page
    .getByText(/Connection lost .* ago/)
    .first()
    .waitFor({ timeout: 20_000 });
  expect(await page.locator("h1").first().innerText()).toBe(name);
  expect(await page.locator('section[aria-labelledby="section-cpu"] canvas').count()).toBeGreaterThan(0);
  wire.mend();
  await page
    .getByText(/Connection lost .* ago/)
    .first()
    .waitFor({ state: "hidden", timeout: 60_000 });
  complaints.length = 0; // a browser logs each failed connection
});

it("works by keyboard, in the dark and on a phone, without a complaint in the console", async () => {
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.waitForURL(`http://localhost:${wire.port}/`);
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 360, height: 800 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect(complaints).toEqual([]);
});
