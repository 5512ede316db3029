import { expect, test } from "vitest";
import { tag } from "../../../../contract/fields.ts";
import { withTyped } from "./tag-list.ts";

test("tags are added in lower case, once, and in order", () => {
  expect(withTyped(["prod"], "  EU, prod web/1 ")).toEqual({ list: ["eu", "prod", "web/1"], refused: [] });
});

test("what is no tag is given back, not lost", () => {
  expect(withTyped([], "-x ok é")).toEqual({ list: ["ok"], refused: ["-x", "é"] });
});

test.each(["prod", "a", "team:web/eu-1.a_b", "a".repeat(48), "a".repeat(49), "-a", "a b", ".a"])(
  "%s is a tag here where it is one to the server",
  (text) => expect(withTyped([], text).list.join() === text).toBe(tag.safeParse(text).success),
);
