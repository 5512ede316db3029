import { expect, test } from "vitest";
import { incidentListQuerySchema } from "../../../../contract/incidents.ts";
import { filterOf, fits, type IncidentFilter, isWide, NO_FILTER, queryOf } from "./filter.ts";
import { incidentOf, resolvedOf } from "./testing.ts";

const FULL: IncidentFilter = {
  state: "all",
  severity: "critical",
  text: "disk & swap",
  subject: "check:0a/1",
  ruleId: "rule-1",
};
const parsed = (filter: IncidentFilter) =>
  new URLSearchParams(
    Object.entries(queryOf(filter))
      .map(([name, value]) => `${name}=${value}`)
      .join("&"),
  );

test("an address brings back the filter that made it", () => {
  expect(filterOf(parsed(FULL))).toEqual(FULL);
  expect(filterOf(parsed(NO_FILTER))).toEqual(NO_FILTER);
  expect(queryOf(NO_FILTER)).toEqual({});
});

test("the API takes every filter as it is sent", () => {
  expect(incidentListQuerySchema.parse(Object.fromEntries(parsed(FULL)))).toMatchObject(FULL);
});

test("what is no filter is none", () => {
  expect(filterOf(new URLSearchParams("state=broken&severity=fatal"))).toEqual(NO_FILTER);
});

test("a filter is wide while it leaves out nothing but what is over, or what is not", () => {
  expect(isWide({ ...NO_FILTER, state: "resolved" })).toBe(true);
  expect(isWide({ ...NO_FILTER, text: "  " })).toBe(true);
  expect(isWide({ ...NO_FILTER, severity: "warning" })).toBe(false);
});

test("state and severity are decided here, and acknowledged ones are open", () => {
  expect(fits(incidentOf("a", { state: "acknowledged" }), NO_FILTER)).toBe(true);
  expect(fits(resolvedOf("a", 9), NO_FILTER)).toBe(false);
  expect(fits(resolvedOf("a", 9), { ...NO_FILTER, state: "all" })).toBe(true);
  expect(fits(incidentOf("a"), { ...NO_FILTER, severity: "warning" })).toBe(false);
});

test("whether some member fits is left to the server", () => {
  expect(fits(incidentOf("a"), { ...NO_FILTER, text: "REGIONS" })).toBe(true);
  expect(fits(incidentOf("a"), { ...NO_FILTER, text: "web-77" })).toBeNull();
  expect(fits(incidentOf("a"), { ...NO_FILTER, subject: "web-1" })).toBe(true);
  expect(fits(incidentOf("a"), { ...NO_FILTER, subject: "web-2" })).toBeNull();
});
