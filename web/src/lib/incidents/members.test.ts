import { expect, test } from "vitest";
import type { IncidentMember } from "../../../../contract/incidents.ts";
import { membersWith, subjectNameOf } from "./members.ts";

const member = (subject: string, name: string): IncidentMember => ({
  ruleId: "r",
  ruleName: "Instance down",
  subject,
  instanceId: subject,
  name,
  severity: "critical",
  openedAt: 0,
  resolvedAt: null,
  value: null,
  threshold: null,
  reason: "no answer",
});
const members = Array.from({ length: 3_000 }, (_, index) => member(`i-${index}`, `web-${index}`));

test("of thousands the ones with these words are found, by name, id, rule or reason", () => {
  expect(membersWith(members, "WEB-299").map(({ name }) => name)[0]).toBe("web-299");
  expect(membersWith(members, "i-2999")).toHaveLength(1);
  expect(membersWith(members, " down ")).toHaveLength(3_000);
  expect(membersWith(members, "  ")).toBe(members);
});

test("an incident's subject is called by its name, and by its id where it is not among those that were told", () => {
  expect(subjectNameOf("i-7", members)).toBe("web-7");
  expect(subjectNameOf("i-9999", members)).toBe("i-9999");
});
