import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { InsightList } from "../../../../contract/insights.ts";
import { NO_FILTER } from "./filter.ts";
import { countsAfter, InsightListPage } from "./insight-list.svelte.ts";
import { insightOf } from "./testing.ts";

const asked = vi.fn<typeof fetch>();
const counts = { patterns: 0, anomalies: 1, predictions: 2, dismissed: 0 };
const list = (ids: string[], next: string | null = null): InsightList => ({
  now: 5_000,
  insights: ids.map((id) => insightOf(id)),
  counts,
  state: { lookedAt: 1, instances: 2, looked: 2, engine: "local", model: null, note: null },
  next,
});
const answer = (reply: unknown, status = 200) =>
  asked.mockImplementationOnce(async () => Response.json(reply, { status }));
const ids = (page: InsightListPage) => page.shown.map(({ id }) => id);

beforeEach(() => {
  asked.mockReset();
  vi.stubGlobal("fetch", asked);
});
afterEach(() => void vi.unstubAllGlobals());

test("what comes below is added, and nothing is shown twice", async () => {
  const page = new InsightListPage();
  answer(list(["a", "b"], "place/2"));
  await page.show(NO_FILTER);
  expect(page.hasMore).toBe(true);
  answer(list(["b", "c"]));
  await page.more();
  expect(ids(page)).toEqual(["a", "b", "c"]);
  expect(page.hasMore).toBe(false);
  expect(String(asked.mock.lastCall![0])).toContain("before=place%2F2");
});

test("under a hand rows are told anew where they are, and none comes or goes", async () => {
  const page = new InsightListPage();
  answer(list(["a", "b"]));
  await page.show(NO_FILTER);
  page.isHeld = true;
  const fresh = list(["c", "b"]);
  fresh.insights[1]!.title = "another";
  answer(fresh);
  await page.refresh();
  expect(page.shown.map(({ title }) => title)).toEqual(["a fills up", "another"]);
  page.isHeld = false;
  answer(fresh);
  await page.refresh();
  expect(ids(page)).toEqual(["c", "b"]);
});

test("a dismissed row stays where it is and can be taken back; the counts follow", async () => {
  const page = new InsightListPage();
  answer(list(["a", "b"]));
  await page.show(NO_FILTER);
  answer(insightOf("a", { dismissedAt: 9 }));
  await page.change(page.shown[0]!, { isDismissed: true });
  expect(ids(page)).toEqual(["a", "b"]);
  expect(page.counts).toEqual({ ...counts, predictions: 1, dismissed: 1 });
  answer(insightOf("a"));
  await page.change(page.shown[0]!, { isDismissed: false });
  expect(page.counts).toEqual(counts);
});

test("a verdict on its use changes no count", () => {
  expect(countsAfter(counts, insightOf("a"), insightOf("a", { useful: "yes" }))).toEqual(counts);
});

test("the last answer stays while the server does not answer", async () => {
  const page = new InsightListPage();
  answer(list(["a"]));
  await page.show(NO_FILTER);
  answer({ code: "unavailable", message: "It is away" }, 503);
  await page.refresh();
  expect(ids(page)).toEqual(["a"]);
  expect(page.problem?.text).toBe("It is away.");
});
