import { expect, it } from "vitest";
import type { Condition } from "../../contract/rules.ts";
import type { Measure, RuleState } from "../alerts/rule-state.ts";
import type { RuleRow } from "../alerts/table.ts";
import { shownStates } from "./rule-states.ts";

const NOW = Date.UTC(2026, 5, 1);
const FORECAST = { kind: "forecast", metric: "memory_used_ratio", warning: 1, critical: null, recovery: null } as const;
const METRIC = { ...FORECAST, kind: "metric", direction: "above" } as const;

const shown = (condition: Condition, value: number) =>
  shownStates(
    [
      {
        rule: { id: "r", name: "R", condition } as RuleRow,
        measure: { gapMs: 60_000 } as Measure,
        state: { phase: "ok", severity: null, since: NOW, lastAt: NOW, value } as RuleState,
      },
    ],
    NOW,
  )[0]!.value;

it("what does not fill has no time until it is full", () => {
  expect(shown(FORECAST, Number.MAX_SAFE_INTEGER)).toBeNull();
  expect(shown(FORECAST, 3_600_000)).toBe(3_600_000);
});

it("a reading is shown however large it is", () => {
  expect(shown(METRIC, 2 ** 60)).toBe(2 ** 60);
});
