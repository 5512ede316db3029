import { expect, it } from "vitest";
import { TAG_PATTERN } from "../../contract/limits.ts";
import { Chance } from "../../tests/chance.ts";
import { tagsOf, tagsOfLabels } from "./tags.ts";

it("makes tags of what providers call tags", () => {
  expect(tagsOf(["Team A", "prod/eu", "  web ", "WEB", "", "_hidden", "---", "a,b;c"])).toEqual([
    "a-b-c",
    "hidden",
    "prod/eu",
    "team-a",
    "web",
  ]);
});

it("makes a tag of a label, and of its key alone where it has no value", () => {
  const labels = new Map([
    ["Environment", "Production"],
    ["backup", " "],
    ["Owner", "ann@example.org"],
  ]);
  expect(tagsOfLabels(labels)).toEqual(["backup", "environment:production", "owner:ann-example.org"]);
});

it("cuts what is too long, and leaves nothing hanging", () => {
  const [tag] = tagsOf([`${"a".repeat(47)} b`]);
  expect(tag).toBe("a".repeat(47));
});

it("lets nothing through that is no tag, whatever is sent", () => {
  const chance = new Chance();
  const texts = Array.from({ length: 2_000 }, () =>
    String.fromCodePoint(...Array.from({ length: chance.below(70) }, () => chance.below(chance.pick([0x80, 0xd000])))),
  );
  for (const tag of tagsOf(texts)) expect(tag, `seed ${chance.seed}`).toMatch(TAG_PATTERN);
});
