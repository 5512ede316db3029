import { expect, test } from "vitest";
import { conditionSchema, type RuleState } from "../../../../contract/rules.ts";
import { phaseInWords, valueInWords, worstFirst } from "./rule-states.ts";

const state = (name: string, phase: RuleState["phase"], severity: RuleState["severity"] = null): RuleState => ({
  ruleId: name,
  name,
  phase,
  severity,
  since: 0,
  value: null,
});

test("what fires comes first, critical before warning; what is fine comes last", () => {
  const states = [
    state("d", "ok"),
    state("c", "pending"),
    state("b", "firing", "warning"),
    state("a", "no_data"),
    state("e", "firing", "critical"),
  ];
  expect(worstFirst(states).map(({ name }) => name)).toEqual(["e", "b", "c", "a", "d"]);
});

test("a phase says how long it has lasted", () => {
  expect(phaseInWords({ phase: "pending", since: 0 }, 120_000)).toBe("Pending for 2 min");
  expect(phaseInWords({ phase: "no_data", since: null }, 120_000)).toBe("No data");
  expect(phaseInWords({ phase: "ok", since: 0 }, 120_000)).toBe("Fine");
});

test("a value is told in the unit its rule measures in", () => {
  const value = (condition: object, measured: number | null) =>
    valueInWords(conditionSchema.parse(condition), measured);
  const metric = { kind: "metric", metric: "cpu_busy_ratio", direction: "above", warning: 0.9 };
  expect(value(metric, 0.42)).toBe("42 %");
  expect(value(metric, null)).toBeUndefined();
  expect(value({ kind: "forecast", metric: "filesystem_used_ratio", warning: 86_400_000 }, 7_200_000)).toBe(
    "full in 2 h",
  );
  expect(value({ kind: "silence", warning: 300_000 }, 420_000)).toBe("silent for 7 min");
  expect(value({ kind: "verdict", of: "check" }, 1)).toBeUndefined();
});
