import { expect, test } from "vitest";
import { coversInstance, type InScope, providerChoices, regionChoices, scopeInWords, WHOLE } from "./scope.ts";

const cloud = (kind: string, region: string, regionName: string | null = null) => ({
  kind,
  region,
  regionName,
  tags: ["theirs"],
});
const instance = (id: string, change: object = {}): InScope =>
  ({ id, tags: [], region: null, cloud: null, ...change }) as unknown as InScope;

const web = instance("web", { tags: ["prod", "eu"], region: "agent-said", cloud: cloud("vultr", "ewr", "New Jersey") });
const bare = instance("bare", { tags: ["prod"], region: "cellar" });

test.each<[object, boolean, boolean]>([
  [{}, true, true],
  [{ tags: ["eu", "us"] }, true, false],
  [{ tags: ["theirs"] }, false, false],
  [{ providers: ["vultr", "aws"] }, true, false],
  [{ regions: ["ewr"] }, true, false],
  [{ regions: ["agent-said"] }, false, false],
  [{ regions: ["cellar"] }, false, true],
  [{ subjects: ["bare", "check:1"] }, false, true],
  [{ tags: ["prod"], regions: ["ewr"] }, true, false],
])("of several lists each must agree: %j", (change, coversWeb, coversBare) => {
  const scope = { ...WHOLE, ...change };
  expect([coversInstance(scope, web), coversInstance(scope, bare)]).toEqual([coversWeb, coversBare]);
});

test("a scope reads as the end of a sentence, however long its lists are", () => {
  const words = (change: object) => scopeInWords({ ...WHOLE, ...change }, (id) => id.toUpperCase());
  expect(words({})).toBe("whole fleet");
  expect(words({ tags: ["prod", "eu"], providers: ["aws"], regions: ["a", "b", "c"] })).toBe(
    "tagged prod or eu, at AWS EC2, in a, b or c",
  );
  expect(words({ subjects: ["w1", "w2", "w3", "w4"] })).toBe("W1, W2 and 2 others");
});

test("only clouds and regions that there are can be chosen, and those that were chosen before", () => {
  expect(providerChoices([web, bare], ["gcp"]).map(({ value }) => value)).toEqual(["vultr", "gcp"]);
  expect(regionChoices([bare, web], ["gone"])).toEqual([
    { value: "cellar", label: "cellar" },
    { value: "ewr", label: "ewr · New Jersey" },
    { value: "gone", label: "gone" },
  ]);
});
