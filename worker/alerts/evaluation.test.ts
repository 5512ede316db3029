import { describe, expect, it } from "vitest";
import type { Condition, SubjectScope } from "../../contract/rules.ts";
import type { EpochMs } from "../../contract/units.ts";
import { packKey } from "../series/packed.ts";
import { FLAP_KEEP_FIRING_MS, FLAPS_PER_HOUR } from "../settings.ts";
import { Evaluation, type Decision, type Subject } from "./evaluation.ts";
import type { RuleOverrideRow, RuleRow } from "./table.ts";

const NOW: EpochMs = Date.UTC(2026, 5, 1, 14);
const MINUTE = 60_000;
const EVERYWHERE: SubjectScope = { tags: [], providers: [], regions: [], subjects: [] };
const CPU: Condition = {
  kind: "metric",
  metric: "cpu_busy_ratio",
  direction: "above",
  warning: 0.7,
  critical: 0.9,
  recovery: 0.6,
};

function rule(condition: Condition, over: Partial<RuleRow> = {}): RuleRow {
  const rest = { isEnabled: true, isDefault: false, scope: EVERYWHERE, holdMs: 0, keepFiringMs: 0 };
  return { id: condition.kind, name: condition.kind, condition, ...rest, createdAt: NOW, updatedAt: NOW, ...over };
}

function subject(id: string, over: Partial<Subject> & { tags?: string[] } = {}): Subject {
  const { tags = [], ...more } = over;
  const instanceId = id.startsWith("check:") ? null : id;
  const facts = { subject: id, instanceId, tags, provider: "vultr" as const, region: "ewr" };
  const rest = { instanceId, place: null, everyMs: 30_000, firstSeenAt: 0, checkKind: null };
  return { id, name: id, facts, ...rest, ...more };
}

function evaluation(rules: RuleRow[], overrides: RuleOverrideRow[] = []) {
  const held = new Evaluation();
  held.setRules(rules, overrides);
  const sample = (of: Subject, at: EpochMs, metrics: Record<string, number>) => {
    const decisions: Decision[] = [];
    held.sample(of, at, Object.keys(metrics).map(packKey), Object.values(metrics), decisions);
    return decisions.map(({ transition, rule: { id }, severity, threshold }) => ({
      transition,
      id,
      severity,
      threshold,
    }));
  };
  return { held, sample };
}

describe("whom a rule is about", () => {
  it("is held against what its scope covers, and nothing else", () => {
    const { sample } = evaluation([rule(CPU, { scope: { ...EVERYWHERE, tags: ["db"] } })]);
    expect(sample(subject("a", { tags: ["db"] }), NOW, { cpu_busy_ratio: 0.95 })).toHaveLength(1);
    expect(sample(subject("b", { tags: ["web"] }), NOW, { cpu_busy_ratio: 0.95 })).toEqual([]);
  });

  it("follows a change of tags at once", () => {
    const { sample } = evaluation([rule(CPU, { scope: { ...EVERYWHERE, tags: ["db"] } })]);
    expect(sample(subject("a"), NOW, { cpu_busy_ratio: 0.95 })).toEqual([]);
    expect(sample(subject("a", { tags: ["db"] }), NOW + 1, { cpu_busy_ratio: 0.95 })).toHaveLength(1);
  });

  it("tells series of checks from those of instances", () => {
    const slow: Condition = { ...CPU, metric: "check_response_seconds", warning: 1, critical: 3, recovery: 0.9 };
    const { sample } = evaluation([rule(slow)]);
    const metrics = { check_response_seconds: 2 };
    expect(sample(subject("check:1", { checkKind: "http" }), NOW, metrics)).toHaveLength(1);
    expect(sample(subject("a"), NOW, metrics)).toEqual([]);
  });

  it("leaves out checks of other kinds", () => {
    const down: Condition = { kind: "verdict", of: "check", checkKinds: ["tls"], degraded: null, down: "critical" };
    const { held } = evaluation([rule(down)]);
    expect(held.isWatched("verdict", subject("check:1", { checkKind: "tls" }))).toBe(true);
    expect(held.isWatched("verdict", subject("check:2", { checkKind: "http" }))).toBe(false);
    expect(held.isWatched("verdict", subject("a"))).toBe(false);
  });
});

describe("another measure for one subject", () => {
  const override = (over: Partial<RuleOverrideRow["override"]>): RuleOverrideRow => ({
    ruleId: "metric",
    subject: "a",
    override: { isEnabled: true, warning: null, critical: null, recovery: null, ...over },
  });

  it("takes the place of the rule's own thresholds", () => {
    const { sample } = evaluation([rule(CPU)], [override({ warning: 0.97, critical: 0.99 })]);
    expect(sample(subject("a"), NOW, { cpu_busy_ratio: 0.95 })).toEqual([]);
    expect(sample(subject("a"), NOW + 1, { cpu_busy_ratio: 0.98 })).toMatchObject([
      { severity: "warning", threshold: 0.97 },
    ]);
    expect(sample(subject("b"), NOW, { cpu_busy_ratio: 0.95 })).toMatchObject([{ severity: "critical" }]);
  });

  it("can switch the rule off there", () => {
    const { sample, held } = evaluation([rule(CPU)], [override({ isEnabled: false })]);
    expect(sample(subject("a"), NOW, { cpu_busy_ratio: 1 })).toEqual([]);
    expect(held.isWatched("metric", subject("a"))).toBe(false);
  });
});

describe("rules that change", () => {
  it("keep what fires, and measure it anew", () => {
    const { held, sample } = evaluation([rule(CPU)]);
    sample(subject("a"), NOW, { cpu_busy_ratio: 0.75 });
    held.setRules([rule({ ...CPU, warning: 0.8, recovery: 0.78 })], []);
    expect(sample(subject("a"), NOW + 1, { cpu_busy_ratio: 0.77 })).toMatchObject([{ transition: "resolve" }]);
  });

  it("that are off say nothing and are held against nobody", () => {
    const { held, sample } = evaluation([rule(CPU, { isEnabled: false })]);
    expect(sample(subject("a"), NOW, { cpu_busy_ratio: 1 })).toEqual([]);
    expect(held.entriesOf(subject("a"))).toEqual([]);
  });
});

describe("a rate of change", () => {
  const RISES: Condition = {
    kind: "change",
    metric: "memory_used_bytes",
    direction: "rises",
    overMs: 10 * MINUTE,
    warning: 100,
    critical: null,
    recovery: null,
  };

  it("compares with what was so long ago, and says nothing before that is known", () => {
    const { sample } = evaluation([rule(RISES)]);
    const one = subject("a");
    for (let minute = 0; minute < 10; minute++)
      expect(sample(one, NOW + minute * MINUTE, { memory_used_bytes: 1_000 + 20 * minute })).toEqual([]);
    expect(sample(one, NOW + 10 * MINUTE, { memory_used_bytes: 1_200 })).toMatchObject([{ transition: "fire" }]);
  });

  it("of what falls counts downwards", () => {
    const { sample } = evaluation([rule({ ...RISES, direction: "falls" })]);
    for (let minute = 0; minute < 10; minute++)
      sample(subject("a"), NOW + minute * MINUTE, { memory_used_bytes: 1_000 });
    expect(sample(subject("a"), NOW + 10 * MINUTE, { memory_used_bytes: 1_100 })).toEqual([]);
    expect(sample(subject("a"), NOW + 11 * MINUTE, { memory_used_bytes: 800 })).toHaveLength(1);
  });
});

describe("a reboot", () => {
  const REBOOT: Condition = { kind: "reboot", forMs: 10 * MINUTE, severity: "warning" };

  it("fires once, and is over by itself", () => {
    const { sample } = evaluation([rule(REBOOT)]);
    const one = subject("a", { firstSeenAt: NOW - 86_400_000 });
    expect(sample(one, NOW, { uptime_seconds: 5_000_000 })).toEqual([]);
    expect(sample(one, NOW + MINUTE, { uptime_seconds: 30 })).toMatchObject([{ transition: "fire" }]);
    expect(sample(one, NOW + 2 * MINUTE, { uptime_seconds: 90 })).toEqual([]);
    expect(sample(one, NOW + 12 * MINUTE, { uptime_seconds: 690 })).toMatchObject([{ transition: "resolve" }]);
  });

  it("of a machine that has just been taken in is none", () => {
    const { sample } = evaluation([rule(REBOOT)]);
    expect(sample(subject("a", { firstSeenAt: NOW }), NOW + MINUTE, { uptime_seconds: 300 })).toEqual([]);
  });
});

describe("what comes and goes", () => {
  it("is to be well for longer once it has fired often within an hour", () => {
    const { sample } = evaluation([rule(CPU)]);
    let at = NOW;
    for (let fires = 0; fires < FLAPS_PER_HOUR; fires++) {
      expect(sample(subject("a"), (at += MINUTE), { cpu_busy_ratio: 0.95 })).toMatchObject([{ transition: "fire" }]);
      const well = sample(subject("a"), (at += MINUTE), { cpu_busy_ratio: 0.1 });
      if (fires < FLAPS_PER_HOUR - 1) expect(well).toMatchObject([{ transition: "resolve" }]);
      else expect(well).toEqual([]);
    }
    const wellSince = at;
    while (at - wellSince < FLAP_KEEP_FIRING_MS - MINUTE)
      expect(sample(subject("a"), (at += MINUTE), { cpu_busy_ratio: 0.1 })).toEqual([]);
    expect(sample(subject("a"), at + MINUTE, { cpu_busy_ratio: 0.1 })).toMatchObject([{ transition: "resolve" }]);
  });
});

describe("what is kept for a shard that forgets", () => {
  it("is what is pending, firing or recovering, and nothing that is well", () => {
    const { held, sample } = evaluation([
      rule(CPU, { holdMs: MINUTE }),
      rule({ ...CPU, metric: "load_1m" }, { id: "load" }),
    ]);
    sample(subject("a"), NOW, { cpu_busy_ratio: 0.95, load_1m: 0.1 });
    expect([...held.moved]).toEqual(["a"]);
    const kept = held.standingsOf("a");
    expect(Object.keys(kept)).toEqual(["metric"]);
    const again = evaluation([rule(CPU, { holdMs: MINUTE })]);
    again.held.remember("a", structuredClone(kept));
    expect(again.sample(subject("a"), NOW + MINUTE, { cpu_busy_ratio: 0.95 })).toMatchObject([{ transition: "fire" }]);
    expect([...again.held.told()]).toEqual([{ ruleId: "metric", subject: "a" }]);
  });

  it("does not move for readings that are well", () => {
    const { held, sample } = evaluation([rule(CPU)]);
    for (let minute = 0; minute < 5; minute++) sample(subject("a"), NOW + minute * MINUTE, { cpu_busy_ratio: 0.1 });
    expect(held.moved.size).toBe(0);
  });
});
