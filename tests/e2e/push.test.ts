import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath } from "../../scripts/chromium.ts";
import { Launched } from "../launched.ts";

/** A browser that is to show notifications while the dashboard is closed, in front of the real `npm start`. */
let nephos: Launched;
let browser: Browser;
let page: Page;
const refusedByPolicy: string[] = [];

beforeAll(async () => {
  nephos = await Launched.start("--no-agent");
  browser = await chromium.launch({
    executablePath: chromiumPath()!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const context = await browser.newContext({ permissions: ["notifications"] });
  page = await context.newPage();
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) refusedByPolicy.push(message.text());
  });
  await page.goto(`${nephos.url}/sign-in`);
});
afterAll(async () => {
  await browser?.close();
  await nephos?.end();
});

it("gets the service worker for the whole site, as a script that may be looked at anew", async () => {
  const reply = await page.request.get(`${nephos.url}/service-worker.js`);
  expect(reply.status()).toBe(200);
  expect(reply.headers()["content-type"]).toMatch(/^(text|application)\/javascript/);
  expect(reply.headers()["cache-control"]).toBe("no-cache");
});

it("shows what is pushed, one notification for an incident, under the page's own policy", async () => {
  const devtools = await page.context().newCDPSession(page);
  const registered = new Promise<string>((found) => {
    devtools.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
      const active = versions.find(({ status }) => status === "activated");
      if (active) found(active.registrationId);
    });
  });
  await devtools.send("ServiceWorker.enable");
  const scope = await page.evaluate(async () => {
    await navigator.serviceWorker.register("/service-worker.js");
    return (await navigator.serviceWorker.ready).scope;
  });
  expect(scope).toBe(`${nephos.url}/`);
  expect(refusedByPolicy).toEqual([]);
  const push = async (payload: object) =>
    await devtools.send("ServiceWorker.deliverPushMessage", {
      origin: nephos.url,
      registrationId: await registered,
      data: JSON.stringify(payload),
    });
  const shown = async () =>
    await page.evaluate(async () => {
      const notifications = await (await navigator.serviceWorker.ready).getNotifications();
      return notifications.map(({ title, body, tag, data }) => ({ title, body, tag, data: data as unknown }));
    });
  const url = `${nephos.url}/incidents/1`;
  await push({ title: "web-1 is down", body: "Refused.", url, tag: "1", severity: "critical", isResolved: false });
  await expect.poll(shown).toEqual([{ title: "web-1 is down", body: "Refused.", tag: "1", data: { url } }]);
  await push({ title: "web-1 is up again", body: "", url, tag: "1", severity: "critical", isResolved: true });
  await expect.poll(async () => (await shown()).map(({ title }) => title)).toEqual(["web-1 is up again"]);
});
