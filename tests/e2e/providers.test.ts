import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumPath } from "../../scripts/chromium.ts";
import { Launched } from "../launched.ts";
import { HealthEndpoints } from "../outside/health-endpoints.ts";
import { Vultr } from "../outside/vultr.ts";

/** A person who has Nephos look from outside, in front of the real `npm start`: at a cloud by its key, at pages by checks. */
const MACHINES = 1_500;
const WRONG_KEY = "WRONGKEY0123456789ABCDEFGHIJKLMNOPQR";
const LOCAL = "Nephos runs on one machine here: every region is this machine.";

let nephos: Launched;
let vultr: Vultr;
let health: HealthEndpoints;
let browser: Browser;
let page: Page;
const complaints: string[] = [];
/** Whatever the edge ever told the browser. */
const told: Promise<string>[] = [];

beforeAll(async () => {
  nephos = await Launched.start("--no-agent");
  vultr = await Vultr.start(MACHINES);
  health = await HealthEndpoints.start();
  browser = await chromium.launch({
    executablePath: chromiumPath()!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on("response", (response) => void told.push(response.text().catch(() => "")));
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => told.push(Promise.resolve(`${payload}`))),
  );
  await page.goto(nephos.link);
  await page.waitForURL(`${nephos.url}/`);
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([vultr?.stop(), health?.stop()]);
  await nephos?.end();
});

const button = (name: string) => page.getByRole("button", { name, exact: true });
const says = (text: string) => page.getByText(text).first().waitFor({ timeout: 20_000 });
const statusLine = () => page.getByRole("group", { name: "Status" }).innerText();

async function goTo(name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).first().click();
}

it("the owner is told that every region is this machine, and lets Nephos look at its own network", async () => {
  await goTo("Checks");
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await says(LOCAL);
  await page.getByLabel("Private targets").check();
  // The addresses of these machines are somebody's: nobody is to knock there.
  await page.getByLabel("New instances get a check").uncheck();
  await button("Save").click();
  await says("Saved.");
  await page.reload();
  await says(LOCAL);
  expect(await page.getByLabel("Private targets").isChecked()).toBe(true);
  expect(await page.getByLabel("New instances get a check").isChecked()).toBe(false);
});

it("a wrong key is refused with what to do, keeps nothing, and loses nothing of what was typed", async () => {
  await goTo("Providers");
  await page.getByLabel("API key").fill(WRONG_KEY);
  await page.getByLabel("Name").fill("Production");
  await page.getByText("Another address of the API").click();
  await page.getByLabel("API address").fill(vultr.url);
  await button("Connect").click();
  await says("Vultr does not accept the API key.");
  await says("Look in Vultr under Account > API whether the key is still enabled");
  expect(await page.getByLabel("API key").inputValue()).toBe(WRONG_KEY);
  expect(await page.getByLabel("Name").inputValue()).toBe("Production");
  expect(await page.getByLabel("API address").inputValue()).toBe(vultr.url);
  const kept = await page.request.get(`${nephos.url}/api/provider-accounts`);
  expect(await kept.json()).toEqual({ accounts: [] });
  complaints.length = 0; // a browser logs each refusal
});

it("the right key brings all 1,500 instances, and the fleet shows every one of them", async () => {
  await page.getByLabel("API key").fill(vultr.credentials.apiKey);
  await button("Connect").click();
  await says("Found 1,500 instances");
  await page.getByRole("link", { name: "See them" }).click();
  await page.waitForURL(/cloud=vultr/);
  await expect.poll(statusLine).toContain("1,500 instances");
  await page.getByRole("group", { name: "View" }).locator("label", { hasText: "Table" }).click();
  expect(await page.getByRole("table").getAttribute("aria-rowcount")).toBe(String(1 + MACHINES));
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.locator(`tr[aria-rowindex="${1 + MACHINES}"]`).waitFor();
});

it("the fleet is narrowed to one region, whose instances are those that the cloud has there", async () => {
  const there = [...vultr.machines.values()].filter(({ region }) => region === "sgp");
  await page.getByLabel("Region", { exact: true }).selectOption("sgp");
  await expect.poll(statusLine).toContain(`${there.length} of 1,500 instances`);
  expect(await page.getByRole("table").getAttribute("aria-rowcount")).toBe(String(1 + there.length));
  const shown = await page.locator("td.name a").allInnerTexts();
  expect(shown.length).toBeGreaterThan(5);
  expect(there.map(({ name }) => name)).toEqual(expect.arrayContaining(shown));
});

it("an instance shows what its provider tells of it, what is true of it, and what happened to it", async () => {
  const machine = [...vultr.machines.values()].find(({ region, state }) => region === "sgp" && state === "stopped")!;
  await page.getByLabel("Search instances").fill(machine.name);
  await page.getByRole("link", { name: machine.name, exact: true }).click();
  await page.waitForURL(new RegExp(`/instances/${machine.id}`));
  const panel = (name: string) => page.getByRole("region", { name, exact: true });
  await panel("Vultr").getByText("Production").waitFor();
  const facts = await panel("Vultr").innerText();
  for (const fact of ["Stopped", "Singapore", machine.plan, "per month", machine.address, machine.id])
    expect(facts).toContain(fact);
  const verdict = await panel("Verdict").innerText();
  expect(verdict).toMatch(/Down[\s\S]*Vultr says stopped/i);
  const timeline = await panel("Timeline").innerText();
  expect(timeline).toContain(`As ${machine.name}`);
  expect(timeline).toContain("Down");
});

async function makeCheck(name: string, path: string): Promise<void> {
  await goTo("Checks");
  await page.getByRole("link", { name: "New check" }).click();
  await page.getByLabel("Address").fill(`${health.addresses.url}${path}`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await button("Make the check").click();
  await page.getByRole("heading", { name: /^Up for/ }).waitFor({ timeout: 20_000 });
}

it("a check is made, is up within seconds, and down with its reason and witnesses as soon as its page answers 503", async () => {
  health.set("/shop", { does: "answer" });
  await makeCheck("Shop", "/shop");
  health.set("/shop", { does: "answer", status: 503 });
  await button("Check now").click();
  await page.getByRole("heading", { name: /^Down for/ }).waitFor({ timeout: 20_000 });
  const panel = page.getByRole("region", { name: /^Down for/ });
  expect(await panel.innerText()).toMatch(/503 .*3 of 3 regions/);
  expect(await panel.getByRole("listitem").allInnerTexts()).toHaveLength(3);
  for (const witness of await panel.getByRole("listitem").allInnerTexts()) expect(witness).toContain("503");
  const verdicts = page.getByRole("region", { name: "Last verdicts" });
  expect((await verdicts.getByRole("listitem").allInnerTexts()).map((text) => /Up|Down/.exec(text)?.[0])).toEqual([
    "Down",
    "Up",
  ]);
  health.set("/shop", { does: "answer" });
  await button("Check now").click();
  await page.getByRole("heading", { name: /^Up for/ }).waitFor({ timeout: 20_000 });
});

it("many checks are paused at once, and say nothing of their pages any more", async () => {
  health.set("/cart", { does: "answer" });
  await makeCheck("Cart", "/cart");
  await goTo("Checks");
  await page.getByRole("checkbox", { name: "Choose all that are listed" }).click();
  const pause = page.getByRole("toolbar", { name: "With 2 chosen" }).getByRole("button", { name: "Pause" });
  // Within the time that the last message is shown: it must not lie over the bar.
  await pause.click({ timeout: 2_000 });
  await says("2 checks were paused.");
  await expect.poll(() => page.locator("tbody tr.paused").count()).toBe(2);
  const { checks } = await (await page.request.get(`${nephos.url}/api/checks`)).json();
  expect(checks).toMatchObject([
    { isPaused: true, judgement: null },
    { isPaused: true, judgement: null },
  ]);
});

it("neither key nor what the cloud keeps secret was ever told to the browser or printed, and nothing complained", async () => {
  const all = (await Promise.all(told)).join("\n");
  expect(all.includes(vultr.machines.keys().next().value!)).toBe(true);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  for (const secret of [vultr.credentials.apiKey, WRONG_KEY, ...vultr.secrets]) {
    expect(all.includes(secret), secret).toBe(false);
    expect(stored).not.toContain(secret);
    expect(nephos.output).not.toContain(secret);
  }
  expect(vultr.complaints).toEqual([]);
  expect(complaints).toEqual([]);
});
