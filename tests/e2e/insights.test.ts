import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { chromium, type Browser, type Page, type Request } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath } from "../../scripts/chromium.ts";
import { Launched } from "../launched.ts";

/** The insights, a question and its evidence, and the way to Snowflake, in a browser in front of the real `npm start`. */
let nephos: Launched;
let browser: Browser;
let page: Page;
const complaints: string[] = [];
const sent: Request[] = [];

beforeAll(async () => {
  nephos = await Launched.start();
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
  page.on("request", (request) => sent.push(request));
});
afterAll(async () => {
  await browser?.close();
  await nephos?.end();
});

const says = (text: string | RegExp, timeout = 20_000) => page.getByText(text).first().waitFor({ timeout });
const button = (name: string | RegExp) => page.getByRole("button", { name });

it("two keys lead to the insights; a fleet of today is told when the first of them come", async () => {
  await page.locator("article a").first().waitFor({ timeout: 30_000 });
  await page.keyboard.press("g");
  await page.keyboard.press("n");
  await page.waitForURL(`${nephos.url}/insights`);
  await says(
    /There is too little history to say what is usual\. Expected: the first anomalies and forecasts in (4[78] h|2 d)/,
  );
});

it("a question is answered with what it is said by, and what it was taken for", async () => {
  await page.keyboard.press("/");
  await page.keyboard.type("is anything wrong?");
  await page.keyboard.press("Enter");
  const answer = page.getByRole("article", { name: "is anything wrong?" });
  await answer.getByText("How things are now").waitFor();
  const mark = answer.getByRole("button", { name: /^Evidence: / }).first();
  await mark.focus();
  await page.keyboard.press("Enter");
  const facts = page.getByRole("dialog");
  await facts.waitFor();
  expect(await facts.innerText()).not.toBe("");
  await page.keyboard.press("Escape");
  await facts.waitFor({ state: "detached" });
  await answer.getByText("Arithmetic").waitFor();
});

it("a question about nothing is no error: it says what can be asked", async () => {
  const field = page.getByLabel("Ask about the fleet");
  await field.fill("colourless green ideas sleep furiously");
  await field.press("Enter");
  await page
    .getByRole("article", { name: /colourless/ })
    .getByText("Arithmetic")
    .waitFor();
  expect(await page.getByRole("list", { name: "What could be asked" }).getByRole("button").count()).toBeGreaterThan(0);
});

it("what is looked at is in the address, and comes back with it", async () => {
  await page
    .getByRole("navigation", { name: "Kinds of insights" })
    .getByRole("link", { name: /Anomalies/ })
    .click();
  await expect.poll(() => page.url()).toContain("?group=anomalies");
  await page.reload();
  await page.locator("nav a[aria-current=page]", { hasText: "Anomalies" }).waitFor();
});

it("an instance's page has its insights beside its alerts", async () => {
  await page.goto(nephos.url);
  await page.locator("article a").first().click();
  const panel = page.getByRole("region", { name: "Insights" });
  await panel.getByText(/Not looked into yet|Nothing stands out/).waitFor({ timeout: 30_000 });
});

it("the key for Snowflake is made in the browser: its public half is in the SQL, its private half was sent to nobody", async () => {
  await page.goto(`${nephos.url}/insights/snowflake`);
  await page.getByLabel("Account identifier").fill("https://myorg-myaccount.snowflakecomputing.com/console");
  await says("Read as myorg-myaccount");
  sent.length = 0;
  await button("Make a key pair here").click();
  await says("A key pair was made in this browser");
  const downloading = page.waitForEvent("download");
  await button("Download the private half").click();
  const pem = await readFile(await (await downloading).path(), "utf8");
  const half = createPublicKey(createPrivateKey(pem)).export({ type: "spki", format: "der" }).toString("base64");
  await expect.poll(() => page.locator("pre").innerText()).toContain(half.slice(0, 60));
  expect(await button("Download the private half").count()).toBe(0);
  const told = sent.map((request) => `${request.url()} ${request.postData() ?? ""}`).join("\n");
  expect(told).toContain("publicKey=");
  expect(told).not.toContain("PRIVATE");
});

it("nothing was complained about on the way", () => expect(complaints).toEqual([]));
