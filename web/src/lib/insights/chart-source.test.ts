import { afterEach, expect, test, vi } from "vitest";
import type { InsightChart } from "../../../../contract/insights.ts";
import { comparisonQuerySchema, type SeriesColumns, seriesQuerySchema } from "../../../../contract/series.ts";
import { linesIn, linesOf, withinRoom } from "./chart-source.ts";

const columns = (series: SeriesColumns["series"]): SeriesColumns => ({
  from: 0,
  to: 100,
  stepMs: 0,
  tier: "raw",
  blocksUnreadable: 0,
  at: [10, 20],
  series,
});
const chart = (over: Partial<InsightChart>): InsightChart => ({
  subjects: ["web-1"],
  metrics: ["filesystem_used_ratio:/var"],
  from: 0,
  to: 500,
  limit: null,
  band: null,
  spans: [],
  ...over,
});

afterEach(() => void vi.unstubAllGlobals());

test("lines come in the order of the chart, and a series without a reading is none", () => {
  const replies = { a: columns({ load_5m: { mean: [1, 2] } }), b: columns({ load_5m: { mean: [null, null] } }) };
  expect(linesIn(replies, ["b", "a", "gone"], ["load_5m", "load_1m"])).toEqual([
    { subject: "a", metric: "load_5m", at: [10, 20], values: [1, 2] },
  ]);
});

test("of many only as many are drawn as can be told apart, each with all of its series", () => {
  const many = chart({ subjects: ["a", "b", "c", "d", "e"], metrics: ["load_1m", "load_5m"] });
  expect(withinRoom(many, 4).subjects).toEqual(["a", "b"]);
  expect(withinRoom({ ...many, metrics: ["a", "b", "c", "d", "e"] }, 4).subjects).toEqual(["a"]);
  expect(withinRoom(many, 10)).toBe(many);
});

test("instances are asked for together, a check by its own address, and never beyond now", async () => {
  const asked: URL[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(new URL(path, "http://nephos"));
    return Response.json(path.includes("/checks/") ? columns({}) : { instances: {} });
  });
  await linesOf(chart({ subjects: ["web-1", "web-2", "check:1"] }), 200, 160);
  expect(asked.map(({ pathname }) => pathname).sort()).toEqual(["/api/checks/check%3A1/series", "/api/series"]);
  const [together, alone] = asked.sort((a, b) => b.pathname.length - a.pathname.length).reverse();
  expect(comparisonQuerySchema.parse(Object.fromEntries(together!.searchParams))).toMatchObject({
    instances: ["web-1", "web-2"],
    metrics: ["filesystem_used_ratio:/var"],
    to: 200,
    points: 160,
  });
  expect(seriesQuerySchema.safeParse(Object.fromEntries(alone!.searchParams)).success).toBe(true);
});

test("a chart is asked for once in a visit, and again where it failed", async () => {
  let answers = 0;
  vi.stubGlobal("fetch", async () => {
    answers += 1;
    return answers === 1 ? new Response("{}", { status: 503 }) : Response.json({ instances: {} });
  });
  const one = chart({ from: 7 });
  await expect(linesOf(one, 200, 160)).rejects.toThrow();
  await linesOf(one, 200, 160);
  await linesOf(one, 210, 160);
  expect(answers).toBe(2);
});
