import { describe, expect, it } from "vitest";
import {
  breachOf,
  firingState,
  isRecovered,
  isSameStanding,
  step,
  type Measure,
  type RuleState,
  type Transition,
} from "./rule-state.ts";

const START = 1_790_000_000_000;
const MINUTE = 60_000;

const measure = (own: Partial<Measure> = {}): Measure => ({
  warning: 80,
  critical: 90,
  recovery: null,
  isHighBad: true,
  holdMs: 0,
  keepFiringMs: 0,
  gapMs: 3 * MINUTE,
  ...own,
});

/** What one reading leads to: minute, value, then the phase with its severity and the transition. */
type Line = [minute: number, value: number, phase: string, transition?: Transition];

interface Case {
  guarantee: string;
  measure?: Partial<Measure>;
  lines: Line[];
}

const CASES: Case[] = [
  {
    guarantee: "what is within both thresholds is ok and stays so",
    lines: [
      [0, 10, "ok"],
      [1, 79.9, "ok"],
      [2, 0, "ok"],
    ],
  },
  {
    guarantee: "without a hold the first breach fires, and the first reading that is no breach resolves",
    lines: [
      [0, 10, "ok"],
      [1, 85, "firing warning", "fire"],
      [2, 10, "ok", "resolve"],
      [3, 95, "firing critical", "fire"],
      [4, 10, "ok", "resolve"],
    ],
  },
  {
    guarantee: "who stands on a threshold has reached it",
    lines: [
      [0, 80, "firing warning", "fire"],
      [1, 90, "firing critical", "worsen"],
    ],
  },
  {
    guarantee: "the very first reading may fire",
    lines: [[0, 95, "firing critical", "fire"]],
  },
  {
    guarantee: "ok, pending, firing, recovering, ok",
    measure: { holdMs: 2 * MINUTE, keepFiringMs: 2 * MINUTE },
    lines: [
      [0, 10, "ok"],
      [1, 85, "pending warning"],
      [2, 85, "pending warning"],
      [3, 85, "firing warning", "fire"],
      [4, 10, "recovering warning"],
      [5, 10, "recovering warning"],
      [6, 10, "ok", "resolve"],
    ],
  },
  {
    guarantee: "a breach that is over before the hold is forgotten",
    measure: { holdMs: 2 * MINUTE },
    lines: [
      [0, 85, "pending warning"],
      [1, 85, "pending warning"],
      [2, 10, "ok"],
      [3, 85, "pending warning"],
      [4, 85, "pending warning"],
      [5, 85, "firing warning", "fire"],
    ],
  },
  {
    guarantee: "a gap breaks what is pending, and its hold begins anew",
    measure: { holdMs: 4 * MINUTE },
    lines: [
      [0, 85, "pending warning"],
      [3, 85, "pending warning"],
      [6.5, 85, "pending warning"],
      [9, 85, "pending warning"],
      [10, 85, "pending warning"],
      [10.5, 85, "firing warning", "fire"],
    ],
  },
  {
    guarantee: "a pause exactly as long as may be is no gap",
    measure: { holdMs: 6 * MINUTE },
    lines: [
      [0, 85, "pending warning"],
      [3, 85, "pending warning"],
      [6, 85, "firing warning", "fire"],
    ],
  },
  {
    guarantee: "who falls back before it was well for long enough fires on, which is no transition",
    measure: { keepFiringMs: 2 * MINUTE },
    lines: [
      [0, 85, "firing warning", "fire"],
      [1, 10, "recovering warning"],
      [2, 10, "recovering warning"],
      [2.5, 85, "firing warning"],
      [3, 10, "recovering warning"],
      [4, 10, "recovering warning"],
      [5, 10, "ok", "resolve"],
    ],
  },
  {
    guarantee: "a gap breaks what is recovering, and it must be well anew",
    measure: { keepFiringMs: 3 * MINUTE },
    lines: [
      [0, 85, "firing warning", "fire"],
      [1, 10, "recovering warning"],
      [5, 10, "recovering warning"],
      [7, 10, "recovering warning"],
      [8, 10, "ok", "resolve"],
    ],
  },
  {
    guarantee: "a gap while it fires resolves nothing",
    lines: [
      [0, 85, "firing warning", "fire"],
      [60, 85, "firing warning"],
      [120, 10, "ok", "resolve"],
    ],
  },
  {
    guarantee: "with a recovery threshold of its own it fires on until that is reached",
    measure: { recovery: 60 },
    lines: [
      [0, 70, "ok"],
      [1, 85, "firing warning", "fire"],
      [2, 70, "firing warning"],
      [3, 60.1, "firing warning"],
      [4, 60, "ok", "resolve"],
      [5, 70, "ok"],
    ],
  },
  {
    guarantee: "between recovery and threshold nothing is well, so what was recovering begins anew",
    measure: { recovery: 60, keepFiringMs: 2 * MINUTE },
    lines: [
      [0, 85, "firing warning", "fire"],
      [1, 50, "recovering warning"],
      [2, 70, "firing warning"],
      [3, 50, "recovering warning"],
      [4, 50, "recovering warning"],
      [5, 50, "ok", "resolve"],
    ],
  },
  {
    guarantee: "a recovery threshold that equals the threshold lets nothing in breach be well",
    measure: { critical: null, recovery: 80 },
    lines: [
      [0, 80, "firing warning", "fire"],
      [1, 80, "firing warning"],
      [2, 79, "ok", "resolve"],
    ],
  },
  {
    guarantee: "a warning becomes critical after the same hold, and eases after the same calm",
    measure: { holdMs: 2 * MINUTE, keepFiringMs: 2 * MINUTE },
    lines: [
      [0, 85, "pending warning"],
      [2, 85, "firing warning", "fire"],
      [3, 95, "firing warning"],
      [4, 95, "firing warning"],
      [5, 95, "firing critical", "worsen"],
      [6, 85, "firing critical"],
      [7, 85, "firing critical"],
      [8, 85, "firing warning", "ease"],
      [9, 10, "recovering warning"],
      [11, 10, "ok", "resolve"],
    ],
  },
  {
    guarantee: "a critical reading that does not last worsens nothing",
    measure: { holdMs: 2 * MINUTE },
    lines: [
      [0, 85, "pending warning"],
      [1, 85, "pending warning"],
      [2, 95, "firing warning", "fire"],
      [3, 95, "firing warning"],
      [3.5, 85, "firing warning"],
      [4, 95, "firing warning"],
      [5, 95, "firing warning"],
      [6, 95, "firing critical", "worsen"],
    ],
  },
  {
    guarantee: "critical readings count for the warning too, so a mixed breach fires as a warning",
    measure: { holdMs: 2 * MINUTE },
    lines: [
      [0, 95, "pending critical"],
      [1, 85, "pending warning"],
      [2, 95, "firing warning", "fire"],
    ],
  },
  {
    guarantee: "a critical reading in between breaks the easing",
    measure: { keepFiringMs: 2 * MINUTE },
    lines: [
      [0, 95, "firing critical", "fire"],
      [1, 85, "firing critical"],
      [2, 95, "firing critical"],
      [3, 85, "firing critical"],
      [4, 85, "firing critical"],
      [5, 85, "firing warning", "ease"],
    ],
  },
  {
    guarantee: "a gap breaks the easing",
    measure: { keepFiringMs: 2 * MINUTE },
    lines: [
      [0, 95, "firing critical", "fire"],
      [1, 85, "firing critical"],
      [5, 85, "firing critical"],
      [7, 85, "firing warning", "ease"],
    ],
  },
  {
    guarantee: "a gap breaks the hold of what would become critical",
    measure: { holdMs: 2 * MINUTE },
    lines: [
      [0, 85, "pending warning"],
      [2, 85, "firing warning", "fire"],
      [3, 95, "firing warning"],
      [7, 95, "firing warning"],
      [8, 95, "firing warning"],
      [9, 95, "firing critical", "worsen"],
    ],
  },
  {
    guarantee: "it resolves rather than eases where it is well",
    measure: { keepFiringMs: 2 * MINUTE },
    lines: [
      [0, 95, "firing critical", "fire"],
      [1, 10, "recovering critical"],
      [2, 10, "recovering critical"],
      [3, 10, "ok", "resolve"],
    ],
  },
  {
    guarantee: "without a warning threshold nothing eases: what is not well stays critical",
    measure: { warning: null, recovery: 50 },
    lines: [
      [0, 85, "ok"],
      [1, 95, "firing critical", "fire"],
      [2, 70, "firing critical"],
      [3, 70, "firing critical"],
      [4, 50, "ok", "resolve"],
    ],
  },
  {
    guarantee: "without a critical threshold nothing is critical",
    measure: { critical: null },
    lines: [
      [0, 1e9, "firing warning", "fire"],
      [1, 1e12, "firing warning"],
    ],
  },
  {
    guarantee: "below: the lower is the worse",
    measure: { warning: 20, critical: 10, recovery: 30, isHighBad: false, holdMs: MINUTE, keepFiringMs: MINUTE },
    lines: [
      [0, 90, "ok"],
      [1, 20, "pending warning"],
      [2, 20, "firing warning", "fire"],
      [3, 10, "firing warning"],
      [4, 5, "firing critical", "worsen"],
      [5, 25, "firing critical"],
      [6, 29.9, "firing warning", "ease"],
      [7, 30, "recovering warning"],
      [8, 31, "ok", "resolve"],
    ],
  },
  {
    guarantee: "a reading that is not newer than the last changes nothing, however bad",
    measure: { holdMs: 2 * MINUTE },
    lines: [
      [5, 10, "ok"],
      [5, 95, "ok"],
      [3, 95, "ok"],
      [6, 95, "pending critical"],
      [6, 10, "pending critical"],
      [5.5, 10, "pending critical"],
      [8, 95, "firing critical", "fire"],
      [8, 10, "firing critical"],
      [7, 10, "firing critical"],
      [9, 10, "ok", "resolve"],
      [9, 95, "ok"],
    ],
  },
];

function words({ phase, severity }: RuleState): string {
  return severity === null ? phase : `${phase} ${severity}`;
}

describe("step", () => {
  it.each(CASES)("$guarantee", ({ measure: own, lines }) => {
    let state: RuleState | undefined;
    const found = lines.map(([minute, value]): Line => {
      const next = step(state, { at: START + minute * MINUTE, value }, measure(own));
      state = next.state;
      const line: Line = [minute, value, words(state)];
      return next.transition === null ? line : [line[0], line[1], line[2], next.transition];
    });
    expect(found).toEqual(lines);
  });

  it.each(CASES)("after being kept as JSON before every reading: $guarantee", ({ measure: own, lines }) => {
    let state: RuleState | undefined;
    for (const [minute, value, phase, transition = null] of lines) {
      const kept = state && (JSON.parse(JSON.stringify(state)) as RuleState);
      const next = step(kept, { at: START + minute * MINUTE, value }, measure(own));
      expect([words(next.state), next.transition], `minute ${minute}`).toEqual([phase, transition]);
      state = next.state;
    }
  });

  it.each(CASES)("leaves a state that is not ok as it was: $guarantee", ({ measure: own, lines }) => {
    let state: RuleState | undefined;
    for (const [minute, value] of lines) {
      const before = state?.phase === "ok" ? undefined : structuredClone(state);
      const { state: next } = step(state, { at: START + minute * MINUTE, value }, measure(own));
      if (before) expect(state).toEqual(before);
      state = next;
    }
  });

  it("hands the very same state back for a reading that is not newer", () => {
    const state = firingState("warning", START, 85);
    expect(step(state, { at: START, value: 10 }, measure()).state).toBe(state);
    expect(step(state, { at: START - 1, value: 10 }, measure()).state).toBe(state);
  });

  it("hands the very same state back, with its last reading, while it is ok", () => {
    const { state } = step(undefined, { at: START, value: 10 }, measure());
    expect(step(state, { at: START + 1, value: 20 }, measure()).state).toBe(state);
    expect(state).toMatchObject({ since: START, lastAt: START + 1, value: 20 });
  });

  it("tells since when the phase is this one", () => {
    const own = measure({ holdMs: 2 * MINUTE, keepFiringMs: 2 * MINUTE });
    const since: number[] = [];
    let state: RuleState | undefined;
    for (const [minute, value] of [10, 85, 85, 95, 10, 10, 85, 85].entries()) {
      state = step(state, { at: START + minute * MINUTE, value }, own).state;
      since.push((state.since - START) / MINUTE);
    }
    expect(since).toEqual([0, 1, 1, 3, 4, 4, 6, 6]);
  });

  it("keeps the worst reading since it fired, on the side that is bad", () => {
    const worst = (values: number[], own: Partial<Measure>) => {
      let state: RuleState | undefined;
      return values.map((value, minute) => {
        state = step(state, { at: START + minute * MINUTE, value }, measure(own)).state;
        return state.worst;
      });
    };
    expect(worst([10, 85, 88, 82, 10, 81], { keepFiringMs: 10 * MINUTE })).toEqual([null, 85, 88, 88, 88, 88]);
    expect(worst([99, 85, 82], { holdMs: MINUTE })).toEqual([null, 85, 85]);
    const low = { warning: 20, critical: 10, isHighBad: false };
    expect(worst([90, 15, 5, 18, 90, 19], low)).toEqual([null, 15, 5, 5, null, 19]);
  });

  it("takes on a state that was told critical where the rule has no critical threshold any more", () => {
    const own = measure({ critical: null, keepFiringMs: MINUTE });
    const first = step(firingState("critical", START, 95), { at: START + MINUTE, value: 95 }, own);
    expect([words(first.state), first.transition]).toEqual(["firing critical", null]);
    const second = step(first.state, { at: START + 2 * MINUTE, value: 95 }, own);
    expect([words(second.state), second.transition]).toEqual(["firing warning", "ease"]);
  });

  it("goes on from a firing that was found in the database, without firing again", () => {
    const own = measure({ holdMs: 5 * MINUTE, keepFiringMs: MINUTE });
    let state = firingState("warning", START, 85);
    const transitions = [85, 85, 10, 10].map((value, minute) => {
      const next = step(state, { at: START + (minute + 1) * MINUTE, value }, own);
      state = next.state;
      return next.transition;
    });
    expect(transitions).toEqual([null, null, null, "resolve"]);
  });
});

describe("breachOf and isRecovered", () => {
  it.each([
    [95, "critical", false],
    [90, "critical", false],
    [89.9, "warning", false],
    [80, "warning", false],
    [79.9, null, false],
    [70.1, null, false],
    [70, null, true],
    [-5, null, true],
  ])("of %d, where more is worse: %s, well: %s", (value, breach, isWell) => {
    expect(breachOf(value, measure({ recovery: 70 }))).toBe(breach);
    expect(isRecovered(value, measure({ recovery: 70 }))).toBe(isWell);
  });

  it.each([
    [0, "critical", false],
    [10, "critical", false],
    [20, "warning", false],
    [20.1, null, false],
    [30, null, true],
  ])("of %d, where less is worse: %s, well: %s", (value, breach, isWell) => {
    const own = measure({ warning: 20, critical: 10, recovery: 30, isHighBad: false });
    expect(breachOf(value, own)).toBe(breach);
    expect(isRecovered(value, own)).toBe(isWell);
  });

  it("a recovery threshold on the wrong side makes nothing well that is in breach", () => {
    expect(isRecovered(85, measure({ recovery: 99 }))).toBe(false);
  });
});

describe("isSameStanding", () => {
  const state = firingState("critical", START, 95);

  it("only the last reading differs: there is nothing to keep", () => {
    expect(isSameStanding(state, { ...state, lastAt: START + MINUTE, value: 99, worst: 99 })).toBe(true);
  });

  it.each([
    { phase: "recovering" },
    { severity: "warning" },
    { since: 1 },
    { warningSince: null },
    { criticalSince: null },
    { wellSince: 1 },
    { easedSince: 1 },
  ] as Partial<RuleState>[])("%o differs", (change) => {
    expect(isSameStanding(state, { ...state, ...change })).toBe(false);
  });
});
