import { readFile } from "node:fs/promises";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROTOCOL } from "../../contract/limits.ts";
import { chromiumPath } from "../../scripts/chromium.ts";
import { Launched } from "../launched.ts";
import { SignedIn } from "../owner.ts";

/** Years of history, several instances and what it costs, looked at in a browser in front of the real `npm start`. */
const HOUR = 3_600_000;
const LATE = "handed-in-late";
/** Five days: single samples are kept for three, and have their places for eight. */
const LATE_SAMPLES = 240;
const LATE_SPACING_MS = HOUR / 2;

let nephos: Launched;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  nephos = await Launched.start();
  await handInDays(await SignedIn.by(nephos.link));
  // A proper stop writes all of it into blocks, and these are what is read below.
  await nephos.stop();
  const link = await nephos.restart();
  browser = await chromium.launch({
    executablePath: chromiumPath()!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(link);
  await page.waitForURL(`${nephos.url}/`);
  complaints.length = 0; // before it has signed in, a page is refused its session
});
afterAll(async () => {
  await browser?.close();
  await nephos?.end();
});

/** An instance whose agent could not reach us for days, and now hands everything in. */
async function handInDays(owner: SignedIn): Promise<void> {
  const { secret } = await owner.newToken(LATE);
  const start = Date.now() - LATE_SAMPLES * LATE_SPACING_MS;
  const samples = Array.from({ length: LATE_SAMPLES }, (_, index) => ({
    seq: index + 1,
    at: start + index * LATE_SPACING_MS,
    metrics: { cpu_busy_ratio: (1 + Math.sin(index / 8)) / 2, load_1m: index % 5, memory_used_ratio: 0.25 },
  }));
  for (let from = 0; from < samples.length; from += 100) {
    const reply = await fetch(`${nephos.url}/ingest`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({
        protocol: PROTOCOL,
        agent: { version: "0.2.0" },
        instance: { id: LATE, name: LATE },
        stream: "a-stream-of-two-days",
        sentAt: Date.now(),
        intervalMs: LATE_SPACING_MS,
        after: from,
        oldest: from === 0,
        samples: samples.slice(from, from + 100),
      }),
    });
    expect(await reply.json()).toMatchObject({ accepted: samples.slice(from, from + 100).length });
  }
}

async function goTo(name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).first().click();
}

/** Chooses a window; done when its charts are drawn from what the edge answered about the whole of it. */
async function look(window: string, span: number): Promise<void> {
  const isOfIt = (address: string) => {
    const { pathname, searchParams } = new URL(address);
    return pathname.endsWith("/series") && Number(searchParams.get("to")) - Number(searchParams.get("from")) === span;
  };
  const answered = page.waitForResponse((reply) => isOfIt(reply.url()) && reply.ok());
  await page.locator("fieldset").getByText(window, { exact: true }).click();
  await answered;
  await expect.poll(() => page.locator(".plot.faded").count(), { timeout: 10_000 }).toBe(0);
}

const picture = (canvas: Locator) => canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());

it("an instance that is looked at is live: its readings come every second, and the page says so while they do", async () => {
  await page.locator("article a").filter({ hasNotText: LATE }).first().click();
  await page.getByText("Live, every second").waitFor({ timeout: 20_000 });
  await page.goto(`${nephos.url}/instances/${LATE}`);
  await page.locator("h1", { hasText: LATE }).waitFor();
  // Nobody answers there, so there is nothing to promise.
  expect(await page.getByText("Live, every second").count()).toBe(0);
});

it("the windows of a day and of a month show what there is in them, each in its own resolution", async () => {
  const canvas = page.locator('section[aria-labelledby="section-cpu"] canvas').first();
  await canvas.waitFor();
  await look("24 h", 24 * HOUR);
  await page.getByText("Each point: 5 minutes, with the lowest and highest").waitFor();
  const ofDay = await picture(canvas);
  await look("30 d", 30 * 24 * HOUR);
  await page.getByText("Each point: 1 hour, with the lowest and highest").waitFor();
  await expect.poll(() => picture(canvas)).not.toBe(ofDay);
  expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
});

it("the window that is shown can be had as CSV, with a header and a row for every point there is", async () => {
  await page.getByRole("button", { name: "Export CSV" }).click();
  const link = page.getByRole("dialog").getByRole("link", { name: /All series/ });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const [header, ...rows] = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  expect(header).toMatch(/^time,/);
  for (const key of ["cpu_busy_ratio", "load_1m", "memory_used_ratio"]) expect(header).toContain(`"${key}`);
  // Of a month there are hours, each of two samples; the first and the last may be halves.
  expect(Math.abs(rows.length - LATE_SAMPLES / 2)).toBeLessThanOrEqual(1);
  const times = rows.map((row) => row.split(",")[0]!);
  for (const time of times) expect(new Date(time).toISOString()).toBe(time);
  expect(times).toEqual([...new Set(times)].sort());
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});

it("two instances are compared on one chart, and the address says which, for whoever it is sent to", async () => {
  await goTo("Compare");
  await page.getByText("Nothing chosen yet").waitFor();
  const boxes = page.getByRole("complementary", { name: "Instances" }).getByRole("checkbox");
  await expect.poll(() => boxes.count()).toBe(2);
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await page.locator("figure canvas").waitFor({ timeout: 15_000 });
  const rows = page.locator("tbody tr");
  await expect.poll(() => rows.count()).toBe(2);
  await expect.poll(async () => (await rows.allInnerTexts()).every((text) => /\d.*%/s.test(text))).toBe(true);
  expect(new URL(page.url()).searchParams.get("instances")!.split(",")).toHaveLength(2);
  expect(page.url()).toContain(LATE);

  const sent = await page.context().newPage();
  await sent.goto(page.url());
  await sent.locator("figure canvas").waitFor({ timeout: 15_000 });
  expect(await sent.locator("tbody tr").count()).toBe(2);
  await sent.close();
});

it("Operations shows what is used, and how long history is kept is changed there: less only after a question", async () => {
  await goTo("Operations");
  await page.getByText("Today, until midnight UTC").waitFor();
  const figure = (label: string) => page.locator("dl > div", { hasText: label }).locator("dd").innerText();
  expect(await figure("Instances")).toBe("2");
  expect(Number(await figure("Agents on a socket"))).toBe(1);
  const written = page.locator("li", { has: page.getByRole("heading", { name: "Rows written" }) });
  expect(await written.innerText()).toMatch(/\d of 100,000/);

  const days = page.getByLabel("Single samples, in days");
  const save = page.getByRole("button", { name: "Save", exact: true });
  const before = Number(await days.inputValue());
  await days.fill(String(before + 2));
  await save.click();
  await page.getByText("Saved. More history is kept from now on.").waitFor();
  await expect.poll(() => days.inputValue()).toBe(String(before + 2));

  await days.fill(String(before + 1));
  await save.click();
  const question = page.getByRole("dialog");
  await question.getByText(`Single samples older than ${before + 1} days go.`).waitFor();
  await question.getByRole("button", { name: "Keep it" }).click();
  await question.waitFor({ state: "hidden" });
  await page.reload();
  await expect.poll(() => days.inputValue()).toBe(String(before + 2));

  await days.fill(String(before + 1));
  await save.click();
  await question.getByRole("button", { name: "Keep less" }).click();
  await page.getByText("Saved. What is older is hidden from now on.").waitFor();
  await page.reload();
  await expect.poll(() => days.inputValue()).toBe(String(before + 1));
});

it("none of it left a complaint in the console", () => {
  expect(complaints).toEqual([]);
});
