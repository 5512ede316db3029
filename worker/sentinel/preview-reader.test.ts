import { describe, expect, it } from "vitest";
import { previewRuleSchema } from "../../contract/rules.ts";
import type { Subject } from "../alerts/evaluation.ts";
import { measureOf } from "../alerts/measure.ts";
import { firingsOf } from "../alerts/preview.ts";
import { mergeSteps, type Window } from "../series/window.ts";
import { mightFire, readingsOf, type SeriesRule } from "./preview-history.ts";
import { slicesOf } from "./preview-reader.ts";

const STEP = 300_000;
const HOUR = 12 * STEP;
const subject = (everyMs: number) => ({ id: "one", firstSeenAt: -1e12, everyMs }) as Subject;

function ruleOf(condition: Record<string, unknown>): SeriesRule {
  const asked = previewRuleSchema.parse({ condition, scope: {} });
  return { ...asked, id: "a", name: "a", isEnabled: true, isDefault: false, createdAt: 0, updatedAt: 0 } as SeriesRule;
}

/** Numbers in 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

describe("a look at the hours", () => {
  const rules = [
    { kind: "metric", metric: "load_1m", direction: "above", warning: 8 },
    { kind: "metric", metric: "load_1m", direction: "below", critical: 2 },
    { kind: "change", metric: "load_1m", direction: "rises", overMs: HOUR, warning: 6 },
    { kind: "change", metric: "load_1m", direction: "falls", overMs: HOUR, warning: 6 },
    { kind: "reboot", severity: "warning", forMs: 10 * 60_000 },
  ].map(ruleOf);

  it.each(rules)("never misses what steps of five minutes show: $condition", (rule) => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 400; seed++) {
      const next = numbers(seed * 7_919);
      const [base, swing] = [next() * 10, next() * 4];
      const scale = rule.condition.kind === "reboot" ? 600 : 1;
      const mean = Array.from({ length: 48 }, () =>
        next() < 0.1 ? null : scale * (base + swing * (next() - 0.5) * 2),
      );
      const off = (by: number) => mean.map((value) => (value === null ? null : value + by * scale * next()));
      const points = { mean, min: off(-1), max: off(1), count: mean.map(() => 5) };
      const window: Window = {
        from: 0,
        to: 4 * HOUR,
        keys: ["load_1m"],
        stepMs: STEP,
        at: mean.map((_, i) => i * STEP),
        points: [points],
      };
      const hours = mergeSteps(window, HOUR).points[0]!;
      const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
      const extent = { lowest: Math.min(...known(hours.min)), highest: Math.max(...known(hours.max)) };
      const fired =
        firingsOf(readingsOf(rule, subject(60_000), window, STEP), measureOf(rule, undefined, STEP)).length > 0;
      const might = mightFire(rule, extent, STEP);
      outcomes.add(`${fired} ${might}`);
    }
    expect(outcomes).not.toContain("true false");
    expect(outcomes).toContain("true true");
    expect(outcomes).toContain("false false");
  });

  it("finds nothing to fire where nothing was read", () => {
    for (const rule of rules) expect(mightFire(rule, { lowest: Infinity, highest: -Infinity }, STEP)).toBe(false);
  });
});

describe("slices", () => {
  const sizes = (everyMs: number, count: number, points: number, columns = 4) =>
    slicesOf(
      Array.from({ length: count }, () => subject(everyMs)),
      points,
      columns,
    ).map(({ length }) => length);

  it("hold fewer of those who send more, nobody twice, and at least one", () => {
    expect(sizes(30_000, 120, 168, 1)).toEqual([50, 50, 20]);
    expect(sizes(10_000, 60, 168, 1)).toEqual([33, 27]);
    expect(sizes(30_000, 30, 2_016)).toEqual([10, 10, 10]);
    expect(sizes(1_000, 3, 2_016)).toEqual([1, 1, 1]);
    expect(sizes(100, 2, 168)).toEqual([1, 1]);
    expect(sizes(30_000, 0, 168)).toEqual([]);
  });
});
