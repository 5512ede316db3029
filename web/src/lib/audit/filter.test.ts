import { expect, test } from "vitest";
import { addressWith, filterOf, isEmpty, queryOf } from "./filter.ts";

test("only what is filtered by is asked for, encoded", () => {
  expect(queryOf({ action: "", actor: "", text: "  " })).toEqual({});
  expect(queryOf({ action: "person.changed", actor: "a-1", text: " a&b " }, 512)).toEqual({
    action: "person.changed",
    actor: "a-1",
    text: "a%26b",
    below: "512",
  });
});

test("an address gives back the filter it was made of", () => {
  const filter = { action: "agent.cloned", actor: "p 1", text: "web/1 ü" } as const;
  const address = addressWith("/audit", queryOf(filter));
  expect(filterOf(new URL(address, "https://n.example").searchParams)).toEqual(filter);
  expect(addressWith("/audit", {})).toBe("/audit");
});

test("an action there is not is no filter", () => {
  expect(isEmpty(filterOf(new URLSearchParams("action=made.up")))).toBe(true);
});

test("a text that is too long is cut to what the server takes", () => {
  expect(queryOf({ action: "", actor: "", text: "x".repeat(200) })["text"]).toHaveLength(100);
});
