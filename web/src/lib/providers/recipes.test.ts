import { expect, test } from "vitest";
import { PROVIDER_KINDS } from "../../../../contract/provider-kinds.ts";
import { RECIPES } from "./recipes.ts";

const copied = (kind: keyof typeof RECIPES) => RECIPES[kind].steps.flatMap(({ copy }) => copy?.text ?? []);

test.each(PROVIDER_KINDS)("%s has a recipe with a way to read more", (kind) => {
  expect(RECIPES[kind].steps.length).toBeGreaterThan(1);
  expect(new URL(RECIPES[kind].docs.href).protocol).toBe("https:");
});

test("the policy for AWS is JSON that allows three readings and nothing else", () => {
  const [policy] = copied("aws").map((text) => JSON.parse(text) as { Statement: { Action: string[] }[] });
  expect(policy!.Statement.flatMap(({ Action }) => Action)).toEqual([
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeRegions",
  ]);
});

test("no line that is copied asks for a right to change anything", () => {
  const all = PROVIDER_KINDS.flatMap(copied).join("\n");
  expect(all).not.toMatch(/roles\/(editor|owner|compute\.admin)|"(subscriptions|provisioning|manage_users)"|:\*|"\*:/);
  expect(all).toContain("roles/compute.viewer");
  expect(all).toContain("subscriptions_view");
});

test("the trap of Vultr's allow-list is told before it is met", () => {
  expect(RECIPES.vultr.trap).toContain("no fixed address");
});
