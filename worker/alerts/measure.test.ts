import { describe, expect, it } from "vitest";
import { conditionSchema, type Condition, type ConditionOf, type Override } from "../../contract/rules.ts";
import type { Cloud } from "../../contract/providers.ts";
import { FLAP_KEEP_FIRING_MS, READING_GAP_MIN_MS, SILENCE_CONFIRM_MS } from "../settings.ts";
import {
  measureOf,
  metricOfCondition,
  providerReading,
  rebootReading,
  silenceLeast,
  silenceReading,
  verdictReading,
} from "./measure.ts";
import { breachOf } from "./rule-state.ts";

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;

const condition = (given: object): Condition => conditionSchema.parse(given);
const rule = (given: object, holdMs = 0, keepFiringMs = 0) => ({ condition: condition(given), holdMs, keepFiringMs });
const override = (own: Partial<Override>): Override => ({
  isEnabled: true,
  warning: null,
  critical: null,
  recovery: null,
  ...own,
});
const CPU = {
  kind: "metric",
  metric: "cpu_busy_ratio",
  direction: "above",
  warning: 0.8,
  critical: 0.9,
  recovery: 0.7,
};
const FREE = { kind: "metric", metric: "memory_available_bytes", direction: "below", warning: 100, critical: 50 };
const FULL = { kind: "forecast", metric: "filesystem_used_ratio", warning: 1000, critical: 100 };
const SILENT = { kind: "silence", warning: 10 * MINUTE, critical: 20 * MINUTE };

describe("measureOf", () => {
  it.each([
    ["metric above", CPU, true],
    ["metric below", FREE, false],
    ["a rise", { kind: "change", metric: "load_1m", direction: "rises", overMs: MINUTE, warning: 3 }, true],
    ["a fall", { kind: "change", metric: "load_1m", direction: "falls", overMs: MINUTE, warning: 3 }, true],
    ["forecast", FULL, false],
    ["silence", SILENT, true],
    ["verdict", { kind: "verdict", of: "instance" }, true],
    ["provider", { kind: "provider" }, true],
    ["reboot", { kind: "reboot" }, true],
  ])("%s: more of it is worse: %3$s", (_, given, isHighBad) => {
    expect(measureOf(rule(given), undefined, MINUTE).isHighBad).toBe(isHighBad);
  });

  it("takes spans and thresholds from the rule", () => {
    expect(measureOf(rule(CPU, 5 * MINUTE, MINUTE), undefined, 15_000)).toEqual({
      warning: 0.8,
      critical: 0.9,
      recovery: 0.7,
      isHighBad: true,
      holdMs: 5 * MINUTE,
      keepFiringMs: MINUTE,
      gapMs: READING_GAP_MIN_MS,
    });
  });

  it("a gap is longer than three intervals of the sender, and never short", () => {
    expect(measureOf(rule(CPU), undefined, 1_000).gapMs).toBe(READING_GAP_MIN_MS);
    const slow = measureOf(rule(CPU), undefined, 5 * MINUTE).gapMs;
    expect(slow).toBeGreaterThan(15 * MINUTE);
    expect(slow).toBeLessThan(20 * MINUTE);
  });

  it("silence and forecasts know no gap: they are looked for when it is due", () => {
    expect(measureOf(rule(SILENT), undefined, MINUTE).gapMs).toBe(Infinity);
    expect(measureOf(rule(FULL), undefined, MINUTE).gapMs).toBe(Infinity);
  });

  it("who flaps is to be well for longer, but never for less than the rule says", () => {
    expect(measureOf(rule(CPU, 0, MINUTE), undefined, MINUTE, true).keepFiringMs).toBe(FLAP_KEEP_FIRING_MS);
    const longer = 2 * FLAP_KEEP_FIRING_MS;
    expect(measureOf(rule(CPU, 0, longer), undefined, MINUTE, true).keepFiringMs).toBe(longer);
    expect(measureOf(rule(CPU, 0, MINUTE), undefined, MINUTE, false).keepFiringMs).toBe(MINUTE);
  });
});

describe("another measure for one subject", () => {
  it.each([
    ["none given", {}, [0.8, 0.9, 0.7]],
    ["a milder warning", { warning: 0.85 }, [0.85, 0.9, 0.7]],
    ["a milder critical threshold", { critical: 0.99 }, [0.8, 0.99, 0.7]],
    ["only a recovery", { recovery: 0.5 }, [0.8, 0.9, 0.5]],
    ["all of its own", { warning: 0.5, critical: 0.6, recovery: 0.4 }, [0.5, 0.6, 0.4]],
    ["a warning below the rule's recovery, which no longer fits", { warning: 0.5 }, [0.5, 0.9, null]],
    ["a recovery of its own that does not fit, which is left to be refused", { recovery: 0.95 }, [0.8, 0.9, 0.95]],
  ])("%s: what is null is the rule's own", (_, own, [warning, critical, recovery]) => {
    const found = measureOf(rule(CPU), override(own), MINUTE);
    expect(found).toMatchObject({ warning, critical, recovery });
  });

  it("where less is worse, a rule's recovery below a new warning no longer fits", () => {
    const own = override({ warning: 300 });
    expect(measureOf(rule({ ...FREE, recovery: 200 }), own, MINUTE)).toMatchObject({ warning: 300, recovery: null });
    expect(measureOf(rule({ ...FREE, recovery: 400 }), own, MINUTE)).toMatchObject({ warning: 300, recovery: 400 });
  });

  it("holds for forecasts and silence too", () => {
    expect(measureOf(rule(FULL), override({ warning: 500 }), MINUTE)).toMatchObject({ warning: 500, critical: 100 });
    const silent = measureOf(rule(SILENT), override({ warning: 15 * MINUTE }), MINUTE);
    expect(silent).toMatchObject({ warning: 15 * MINUTE, critical: 20 * MINUTE });
  });

  it("means nothing where a rule has no thresholds", () => {
    const reboot = rule({ kind: "reboot" });
    expect(measureOf(reboot, override({ warning: 5, critical: 9 }), MINUTE)).toEqual(
      measureOf(reboot, undefined, MINUTE),
    );
  });
});

describe("verdicts", () => {
  it.each([
    ["up", 0],
    ["degraded", 1],
    ["down", 2],
    ["unsure", null],
  ] as const)("%s is read as %s", (verdict, value) => {
    expect(verdictReading({ verdict })).toBe(value);
  });

  it("where nothing has looked yet nothing is read", () => {
    expect(verdictReading(null)).toBeNull();
  });

  it.each([
    [null, "critical", [null, null, "critical"]],
    [null, "warning", [null, null, "warning"]],
    ["warning", "critical", [null, "warning", "critical"]],
    ["warning", "warning", [null, "warning", "warning"]],
    ["critical", "critical", [null, "critical", "critical"]],
    ["warning", null, [null, "warning", "warning"]],
    // What is worse than critical is no less than critical.
    ["critical", "warning", [null, "critical", "critical"]],
    ["critical", null, [null, "critical", "critical"]],
  ])("degraded %s and down %s: up, degraded and down are %s", (degraded, down, [up, slow, gone]) => {
    const measure = measureOf(rule({ kind: "verdict", of: "check", degraded, down }), undefined, MINUTE);
    const breach = (verdict: "up" | "degraded" | "down") => breachOf(verdictReading({ verdict })!, measure);
    expect([breach("up"), breach("degraded"), breach("down")]).toEqual([up, slow, gone]);
  });
});

it("a warning for what is worse than critical is no threshold: nobody could tell the two apart", () => {
  const measure = measureOf(
    rule({ kind: "verdict", of: "check", degraded: "critical", down: "warning" }),
    undefined,
    MINUTE,
  );
  expect(measure).toMatchObject({ warning: null, critical: 1 });
});

describe("a provider's word", () => {
  const cloud = (own: Partial<Cloud>) => ({
    cloud: { status: "running", impaired: null, goneAt: null, ...own } as Cloud,
  });
  const read = (own: Partial<Cloud>, given: object = {}) =>
    providerReading(condition({ kind: "provider", ...given }) as ConditionOf<"provider">, cloud(own));

  it.each([
    [{}, 0],
    [{ status: "starting" }, 0],
    [{ status: "stopped" }, 2],
    [{ status: "suspended" }, 2],
    [{ impaired: "host failure" }, 1],
    [{ status: "stopped", impaired: "host failure" }, 2],
    // It is listed no more: nobody speaks of it.
    [{ status: "stopped", goneAt: NOW }, null],
  ] as [Partial<Cloud>, number | null][])("%o is read as %s", (own, value) => {
    expect(read(own)).toBe(value);
  });

  it("only of the statuses that the rule names, and of what is impaired only where it asks", () => {
    expect(read({ status: "stopped" }, { statuses: ["unknown"] })).toBe(0);
    expect(read({ status: "unknown" }, { statuses: ["unknown"] })).toBe(2);
    expect(read({ impaired: "host failure" }, { impaired: false })).toBe(0);
  });

  it("is null where no provider lists it", () => {
    expect(providerReading(condition({ kind: "provider" }) as ConditionOf<"provider">, { cloud: null })).toBeNull();
  });

  it.each(["warning", "critical"] as const)("is as bad as the rule says: %s", (severity) => {
    const measure = measureOf(rule({ kind: "provider", severity }), undefined, MINUTE);
    expect([0, 1, 2].map((value) => breachOf(value, measure))).toEqual([null, severity, severity]);
  });
});

describe("a reboot", () => {
  const given = condition({ kind: "reboot", forMs: 10 * MINUTE }) as ConditionOf<"reboot">;
  const read = (uptimeSeconds: number, firstSeenAt: number) =>
    rebootReading(given, { at: NOW, uptimeSeconds }, firstSeenAt);

  it("is told for as long as the rule says", () => {
    expect(read(0, 0)).toBe(1);
    expect(read(599, 0)).toBe(1);
    expect(read(600, 0)).toBe(0);
  });

  it("is none where the machine has not been seen before it", () => {
    expect(read(60, NOW - MINUTE / 2)).toBe(0);
    expect(read(60, NOW - 2 * MINUTE)).toBe(1);
  });
});

describe("silence", () => {
  const silent = condition(SILENT) as ConditionOf<"silence">;

  it("is looked for early enough that a second look confirms it in time", () => {
    const { warning, holdMs } = measureOf(rule(SILENT), undefined, MINUTE);
    expect(holdMs).toBe(SILENCE_CONFIRM_MS);
    // The first look that finds a breach, and the hold after it, end when it has been silent for what the rule says.
    const lookAt = NOW + warning! - SILENCE_CONFIRM_MS;
    expect(silenceReading(NOW, lookAt)).toBe(warning);
    expect(lookAt + holdMs - NOW).toBe(10 * MINUTE);
    expect(measureOf(rule(SILENT, 5 * MINUTE), undefined, MINUTE).holdMs).toBe(5 * MINUTE);
  });

  it("is at least three intervals of the agent", () => {
    expect(silenceLeast(silent, MINUTE)).toEqual(silent);
    const least = 3 * 5 * MINUTE + SILENCE_CONFIRM_MS;
    expect(silenceLeast(silent, 5 * MINUTE)).toEqual({ ...silent, warning: least });
    expect(silenceLeast({ ...silent, critical: null }, 5 * MINUTE).critical).toBeNull();
  });

  it("an override cannot make an agent of a long interval silent between two samples", () => {
    const own = override({ warning: 2 * MINUTE, critical: 3 * MINUTE });
    const measure = measureOf(rule(SILENT), own, 5 * MINUTE);
    expect(breachOf(silenceReading(NOW, NOW + 5 * MINUTE), measure)).toBeNull();
    expect(breachOf(silenceReading(NOW, NOW + 15 * MINUTE), measure)).toBe("critical");
    // What somebody gives is checked as it is given.
    expect(measureOf(rule(SILENT), own, 0)).toMatchObject({ warning: 2 * MINUTE, critical: 3 * MINUTE });
  });

  it("who talks again is well, however low the recovery", () => {
    const { recovery } = measureOf(rule({ ...SILENT, recovery: 1_000 }), undefined, 15_000);
    expect(silenceReading(NOW, NOW)).toBeLessThanOrEqual(recovery!);
  });
});

describe("metricOfCondition", () => {
  it.each([
    [CPU, "cpu_busy_ratio"],
    [FULL, "filesystem_used_ratio"],
    [{ kind: "reboot" }, "uptime_seconds"],
    [SILENT, null],
    [{ kind: "verdict", of: "check" }, null],
    [{ kind: "provider" }, null],
  ])("of %o: %s", (given, metric) => {
    expect(metricOfCondition(condition(given))).toBe(metric);
  });
});
