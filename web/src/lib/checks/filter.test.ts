import { expect, test } from "vitest";
import { filterOf, isEmpty, NO_FILTER, queryOf } from "./filter.ts";

test("a view of the list can be sent to somebody as an address", () => {
  const filter = { ...NO_FILTER, verdict: "down", kind: "tls", tag: "team:a&b", text: "a b" } as const;
  const query = queryOf(filter);
  expect(query).toEqual({ verdict: "down", kind: "tls", tag: "team%3Aa%26b", text: "a%20b" });
  const address = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  expect(filterOf(new URLSearchParams(address.join("&")))).toEqual(filter);
});

test("what is no filter is none", () => {
  expect(filterOf(new URLSearchParams("verdict=unknown&kind=ping"))).toEqual(NO_FILTER);
  expect(isEmpty({ ...NO_FILTER, text: "  " })).toBe(true);
});
