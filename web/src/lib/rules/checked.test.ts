import { expect, test } from "vitest";
import { newRuleSchema, type Rule, ruleSchema } from "../../../../contract/rules.ts";
import { RULE_KIND_NAMES } from "../../../../contract/rule-kinds.ts";
import { checked, FIELDS } from "./checked.ts";
import { draftOf, newDraft, type RuleDraft } from "./draft.ts";
import { overrideTyped } from "./overrides.ts";

const wrong = (change: Partial<RuleDraft>) => {
  const { faults } = checked({ ...newDraft(change.kind), ...change });
  return Object.keys({ ...faults.wrong, ...faults.missing });
};
const thresholds = (warning: string, critical = "", recovery = "") => ({
  ...newDraft().thresholds,
  metric: { warning, critical, recovery },
  change: { warning, critical, recovery },
  forecast: { warning, critical, recovery },
  silence: { warning, critical, recovery },
});

test.each(RULE_KIND_NAMES)("a new rule of the kind %s is whole as it is offered", (kind) => {
  const { sent, faults } = checked(newDraft(kind));
  expect(faults.any).toBe(false);
  expect(newRuleSchema.parse(sent)).toEqual(sent);
});

const kept = (condition: object, more: object = {}): Rule =>
  ruleSchema.parse({
    id: "r",
    name: "R",
    isDefault: true,
    createdAt: 0,
    updatedAt: 0,
    overrides: {},
    openIncidents: 0,
    condition,
    scope: {
      tags: ["prod"],
      providers: ["vultr"],
      regions: ["ewr"],
      subjects: ["check:1"],
    },
    ...more,
  });
const CONDITIONS: object[] = [
  { kind: "metric", metric: "cpu_busy_ratio", direction: "above", warning: 0.7, critical: 0.9, recovery: 0.65 },
  { kind: "metric", metric: "memory_available_bytes", direction: "below", critical: 123_456_789 },
  { kind: "metric", metric: "check_response_seconds", direction: "above", warning: 1, critical: 3, recovery: 0.9 },
  { kind: "metric", metric: "queue.depth:mail", direction: "below", warning: -4.25, recovery: 3 },
  { kind: "change", metric: "disk_util_ratio:vda", direction: "falls", overMs: 90_000, warning: 0.25 },
  { kind: "forecast", metric: "swap_used_ratio", warning: 259_200_000, critical: 86_400_000, recovery: 345_600_000 },
  { kind: "verdict", of: "check", checkKinds: ["tls"], degraded: "warning", down: null },
  { kind: "silence", warning: 180_000, critical: 3_600_000 },
  { kind: "provider", statuses: ["unknown"], impaired: false, severity: "critical" },
  { kind: "reboot", forMs: 61_000, severity: "critical" },
];
test.each(CONDITIONS)("a rule that is opened and saved untouched stays what it was: %j", (condition) => {
  const { name, isEnabled, scope, holdMs, keepFiringMs, ...rule } = kept(condition, {
    holdMs: 90_000,
    keepFiringMs: 1_500,
  });
  expect(checked(draftOf({ name, isEnabled, scope, holdMs, keepFiringMs, ...rule })).sent).toEqual({
    name,
    isEnabled,
    scope,
    holdMs,
    keepFiringMs,
    condition: rule.condition,
  });
});

test.each<[Partial<RuleDraft>, string]>([
  [{ metric: "" }, "condition.metric"],
  [{ metric: "CPU" }, "condition.metric"],
  [{ metric: "cpu_busy_ratio:3" }, "condition.metric"],
  [{ thresholds: thresholds("") }, "condition.warning"],
  [{ thresholds: thresholds("hot") }, "condition.warning"],
  [{ thresholds: thresholds("120 %") }, "condition.warning"],
  [{ thresholds: thresholds("80 %", "70 %") }, "condition.critical"],
  [{ thresholds: thresholds("80 %", "80 %") }, "condition.critical"],
  [{ direction: "below", thresholds: thresholds("20 %", "30 %") }, "condition.critical"],
  [{ thresholds: thresholds("80 %", "90 %", "85 %") }, "condition.recovery"],
  [{ thresholds: thresholds("", "90 %", "95 %") }, "condition.recovery"],
  [{ kind: "forecast", thresholds: thresholds("1 d", "3 d") }, "condition.critical"],
  [{ kind: "silence", thresholds: thresholds("3 min", "1 min") }, "condition.critical"],
  [{ kind: "change", thresholds: thresholds("0 %") }, "condition.warning"],
  [{ kind: "change", over: "7 h" }, "condition.overMs"],
  [{ kind: "verdict", down: "", degraded: "" }, "condition.down"],
  [{ kind: "provider", statuses: [], impaired: false }, "condition.statuses"],
  [{ kind: "reboot", forSpan: "2 d" }, "condition.forMs"],
  [{ hold: "soon" }, "holdMs"],
  [{ keepFiring: "25 h" }, "keepFiringMs"],
])("%j is refused before it is sent, at %s alone, where the form has a place for it", (change, field) => {
  expect(wrong(change)).toEqual([field]);
  expect(FIELDS).toContain(field);
});

test("what the contract refuses is refused here, and at the same field", () => {
  const drafts: Partial<RuleDraft>[] = [];
  for (const kind of ["metric", "change", "forecast", "silence"] as const) {
    const values = kind === "metric" || kind === "change" ? ["", "10 %", "50 %", "90 %"] : ["", "1 min", "1 h", "2 d"];
    for (const direction of ["above", "below"] as const)
      for (const warning of values)
        for (const critical of values)
          for (const recovery of values)
            drafts.push({ kind, direction, thresholds: thresholds(warning, critical, recovery) });
  }
  for (const draft of drafts) {
    const { sent } = checked({ ...newDraft(draft.kind), ...draft });
    const refusals = newRuleSchema.safeParse(sent).error?.issues.map(({ path }) => path.join(".")) ?? [];
    expect(wrong(draft), JSON.stringify(draft)).toEqual(refusals);
  }
});

test("a refusal names what was typed in its own unit", () => {
  const at = (change: Partial<RuleDraft>, field: string) => checked({ ...newDraft(), ...change }).faults.wrong[field];
  expect(at({ thresholds: thresholds("80 %", "70 %") }, "condition.critical")).toBe(
    "It must be above the warning, 80 %.",
  );
  expect(at({ kind: "forecast", thresholds: thresholds("3 d", "", "1 d") }, "condition.recovery")).toBe(
    "It must be above 3 d, or equal to it.",
  );
});

test("another measure is held against the rule's own thresholds, as it will be together with them", () => {
  const rule = kept(CONDITIONS[0]!);
  const measure = (warning: string, critical = "", recovery = "") =>
    overrideTyped(rule, "i", false, { warning, critical, recovery });
  expect(measure("80 %").sent).toEqual({ isEnabled: true, warning: 0.8, critical: null, recovery: null });
  expect(measure("80 %").faults.any).toBe(false);
  expect(measure("95 %").faults.wrong).toHaveProperty("critical");
  expect(measure("95 %", "99 %").faults.any).toBe(false);
  expect(measure("50 %", "", "60 %").faults.wrong).toHaveProperty("recovery");
  expect(measure("").faults.missing).toHaveProperty("warning");
  expect(
    overrideTyped(rule, undefined, true, { warning: "", critical: "", recovery: "" }).faults.missing,
  ).toHaveProperty("subject");
  expect(overrideTyped(kept({ kind: "reboot" }), "i", true, { warning: "", critical: "", recovery: "" })).toMatchObject(
    {
      sent: { isEnabled: false, warning: null },
      faults: { any: false },
    },
  );
});
