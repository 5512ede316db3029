import { expect, test } from "vitest";
import { INSIGHT_KIND_NAMES, insightListQuerySchema } from "../../../../contract/insights.ts";
import { filterOf, groupOf, isInPlace, isWide, NO_FILTER, queryOf } from "./filter.ts";

const decoded = (query: Record<string, string>) =>
  new URLSearchParams(
    Object.entries(query)
      .map(([name, value]) => `${name}=${value}`)
      .join("&"),
  );
const FULL = {
  group: "anomalies",
  severity: "critical",
  text: "a & b = 100 %",
  subject: "check:1",
  dismissed: "yes",
} as const;

test("a filter survives the way through the address", () => {
  expect(filterOf(decoded(queryOf(FULL)))).toEqual(FULL);
  expect(queryOf(NO_FILTER)).toEqual({});
});

test("the server understands every filter", () => {
  expect(insightListQuerySchema.parse(Object.fromEntries(decoded(queryOf(FULL))))).toMatchObject(FULL);
});

test("what is no filter is none", () => {
  expect(filterOf(new URLSearchParams("group=all&severity=bad&dismissed=maybe"))).toEqual(NO_FILTER);
});

test("every kind is in one of the lists", () => {
  for (const kind of INSIGHT_KIND_NAMES) expect(groupOf(kind)).toBeDefined();
});

test("a tab and the dismissed leave nothing out by search", () => {
  expect(isWide({ ...NO_FILTER, group: "patterns", dismissed: "yes" })).toBe(true);
  expect(isWide({ ...NO_FILTER, text: " " })).toBe(true);
  expect(isWide({ ...NO_FILTER, subject: "web-1" })).toBe(false);
});

test("what was dismissed is no longer in place among the others, and the other way round", () => {
  expect(isInPlace({ dismissedAt: 1 }, NO_FILTER)).toBe(false);
  expect(isInPlace({ dismissedAt: null }, NO_FILTER)).toBe(true);
  expect(isInPlace({ dismissedAt: null }, { ...NO_FILTER, dismissed: "yes" })).toBe(false);
});
