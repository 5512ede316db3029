import { describe, expect, it } from "vitest";
import { newRow } from "./held.ts";
import { seenOf } from "./sight.ts";
import type { IncidentRow } from "./table.ts";

const member = (
  name: string,
  tags: string[],
  more: { ruleId?: string; ruleName?: string; resolvedAt?: number } = {},
) => ({
  ruleId: "down",
  ruleName: "Instance is down",
  subject: name,
  instanceId: name,
  name,
  openedAt: 1,
  resolvedAt: null as number | null,
  value: 2,
  reason: `no answer from ${name}`,
  tags,
  ...more,
});
const facts = { subject: "db", instanceId: "db", tags: [], provider: null, region: null };
const row = (tags: string[]): IncidentRow => ({
  ...newRow(
    "one",
    {
      ruleId: "down",
      ruleName: "Instance is down",
      kind: "verdict",
      subject: "db",
      instanceId: "db",
      name: "db",
      at: 1,
      severity: "critical",
      value: 2,
      threshold: null,
      reason: "no answer from db",
      place: "ewr",
      isSilenced: false,
      facts,
    },
    false,
    1,
  ),
  title: "3 instances in ewr are down",
  members: 3,
  openMembers: 3,
  tags,
});

describe("an incident", () => {
  const members = [member("db", ["b"]), member("web-1", ["a"]), member("web-2", ["a"], { resolvedAt: 5 })];

  it("is whole for who sees the whole fleet, and for who sees all of its members", () => {
    for (const own of [null, ["a", "b"]])
      expect(seenOf(row(["a", "b"]), members, own)).toMatchObject({
        title: "3 instances in ewr are down",
        subject: "db",
      });
  });

  it("is told of the visible ones as if they were all, with what it began with first where that is one of them", () => {
    expect(seenOf(row(["a", "b"]), members, ["a"])).toMatchObject({
      title: "2 instances in ewr are down",
      subject: "web-1",
      instanceId: "web-1",
      reason: "no answer from web-1",
      members: 2,
      openMembers: 1,
      tags: ["a"],
    });
    expect(seenOf(row(["a", "b"]), members, ["b"])).toMatchObject({ title: "db is down", subject: "db", members: 1 });
  });

  it("is told in the words of the rule that found the visible one", () => {
    const silent = member("web-1", ["a"], { ruleId: "silent", ruleName: "Agent is silent" });
    expect(seenOf(row(["a", "b"]), [member("db", ["b"]), silent], ["a"])).toMatchObject({
      title: "Agent is silent: web-1",
      ruleId: "silent",
      ruleName: "Agent is silent",
    });
  });

  it("is not there for who sees none of many, nor for who has none of its tags", () => {
    expect(seenOf(row(["a", "b"]), [member("db", ["b"]), member("web-1", [])], ["a"])).toBeUndefined();
    expect(seenOf(row(["b"]), [member("db", ["a"])], ["a"])).toBeUndefined();
  });

  it("of one alone is seen by its tags, though that one is gone", () => {
    expect(seenOf(row(["a"]), [member("db", [])], ["a"])).toMatchObject({ subject: "db" });
  });
});
