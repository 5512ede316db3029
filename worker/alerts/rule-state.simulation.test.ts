import { describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import { step, type Measure, type RuleState, type Transition } from "./rule-state.ts";

const START = 1_790_000_000_000;
const SECOND = 1_000;
const MINUTE = 60_000;
const RUNS = 150;
const READINGS = 60;

interface Reading {
  at: number;
  value: number;
}

interface Told {
  at: number;
  transition: Transition;
  severity: "warning" | "critical" | null;
}

/**
 * By definition, and slowly: every question is asked of the whole series anew, back from its last reading. It shares nothing with the
 * machine but what the words mean.
 */
class Oracle {
  readonly #measure: Measure;
  readonly #series: Reading[] = [];
  readonly told: Told[] = [];

  constructor(measure: Measure) {
    this.#measure = measure;
  }

  get severity(): Told["severity"] {
    return this.told.at(-1)?.severity ?? null;
  }

  get phase(): RuleState["phase"] {
    const { value } = this.#series.at(-1)!;
    if (this.severity !== null) return this.#isWell(value) ? "recovering" : "firing";
    return this.#isPast("warning", value) || this.#isPast("critical", value) ? "pending" : "ok";
  }

  get worst(): number | null {
    if (this.severity === null) return null;
    const firedAt = this.told.findLast(({ transition }) => transition === "fire")!.at;
    const since = this.#series.filter(({ at }) => at >= firedAt).map(({ value }) => value);
    return this.#measure.isHighBad ? Math.max(...since) : Math.min(...since);
  }

  read(reading: Reading): Transition | null {
    const last = this.#series.at(-1);
    if (last && reading.at <= last.at) return null;
    this.#series.push(reading);
    const next = this.#next();
    if (next) this.told.push({ at: reading.at, ...next });
    return next?.transition ?? null;
  }

  #next(): Omit<Told, "at"> | null {
    const { holdMs, keepFiringMs, warning } = this.#measure;
    const hold = (severity: "warning" | "critical") =>
      this.#heldFor((value) => this.#isPast(severity, value), -Infinity) >= holdMs;
    if (this.severity === null) {
      if (hold("critical")) return { transition: "fire", severity: "critical" };
      return hold("warning") ? { transition: "fire", severity: "warning" } : null;
    }
    const firedAt = this.told.findLast(({ transition }) => transition === "fire")!.at;
    if (this.#heldFor((value) => this.#isWell(value), firedAt) >= keepFiringMs)
      return { transition: "resolve", severity: null };
    if (this.severity === "warning") return hold("critical") ? { transition: "worsen", severity: "critical" } : null;
    const calmMs = this.#heldFor((value) => !this.#isPast("critical", value), this.told.at(-1)!.at);
    const isWell = this.#isWell(this.#series.at(-1)!.value);
    return warning !== null && !isWell && calmMs >= keepFiringMs ? { transition: "ease", severity: "warning" } : null;
  }

  /** How long all readings up to the last, without a gap and after a moment, were so; -Infinity where the last is not. */
  #heldFor(is: (value: number) => boolean, after: number): number {
    const { at: end, value } = this.#series.at(-1)!;
    if (!is(value)) return -Infinity;
    let from = end;
    for (const reading of this.#series.toReversed()) {
      if (reading.at < after || from - reading.at > this.#measure.gapMs || !is(reading.value)) break;
      from = reading.at;
    }
    return end - from;
  }

  #isPast(severity: "warning" | "critical", value: number): boolean {
    const threshold = this.#measure[severity];
    return threshold !== null && this.#badness(value) >= this.#badness(threshold);
  }

  #isWell(value: number): boolean {
    if (this.#isPast("warning", value) || this.#isPast("critical", value)) return false;
    const { recovery } = this.#measure;
    return recovery === null || this.#badness(value) <= this.#badness(recovery);
  }

  #badness(value: number): number {
    return this.#measure.isHighBad ? value : -value;
  }
}

function someMeasure(chance: Chance): Measure {
  const isHighBad = chance.happens(0.6);
  const sign = isHighBad ? 1 : -1;
  const which = chance.pick(["both", "both", "warning", "critical"]);
  const span = () => chance.pick([0, 0, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE]);
  return {
    warning: which === "critical" ? null : 6 * sign,
    critical: which === "warning" ? null : 8 * sign,
    recovery: chance.happens(0.5) ? chance.pick([2, 4, 6]) * sign : null,
    isHighBad,
    holdMs: span(),
    keepFiringMs: span(),
    gapMs: chance.pick([MINUTE, 2 * MINUTE, Infinity]),
  };
}

/** Values tend to stay where they are, and often stand exactly on a threshold. */
function someReadings(chance: Chance, { isHighBad }: Measure): Reading[] {
  const readings: Reading[] = [];
  let at = START;
  let value = 0;
  for (let made = 0; made < READINGS; made++) {
    at += chance.pick([10, 15, 15, 30, 30, 60, 61]) * SECOND;
    if (chance.happens(0.05)) at += chance.pick([2, 3, 60]) * MINUTE;
    if (chance.happens(0.35)) value = chance.below(11);
    readings.push({ at, value: isHighBad ? value : -value });
    // Others that say something else of a moment that is known, or of an earlier one.
    if (chance.happens(0.08)) readings.push({ at, value: chance.below(21) - 10 });
    if (chance.happens(0.08)) readings.push({ at: at - chance.below(200 * SECOND), value: chance.below(21) - 10 });
    if (chance.happens(0.05)) readings.push(chance.pick(readings));
  }
  return readings;
}

describe.each(seeds(8))("whatever is read, seed %i", (seed) => {
  it("a rule stands where all of the series says it does, also over restarts", () => {
    const chance = new Chance(seed);
    for (let run = 0; run < RUNS; run++) {
      const measure = someMeasure(chance);
      const oracle = new Oracle(measure);
      const fires: Transition[] = [];
      let state: RuleState | undefined;
      let at = -Infinity;
      for (const [index, reading] of someReadings(chance, measure).entries()) {
        const words = `run ${run}, reading ${index}, ${JSON.stringify(measure)}`;
        if (chance.happens(0.1)) state = state && (JSON.parse(JSON.stringify(state)) as RuleState);
        // What is ok is not kept: after a restart nothing is known of it.
        if (chance.happens(0.05) && state?.phase === "ok" && reading.at > at) state = undefined;
        const next = step(state, reading, measure);
        const transition = oracle.read(reading);
        state = next.state;
        at = Math.max(at, reading.at);

        expect(next.transition, words).toBe(transition);
        expect(state.phase, words).toBe(oracle.phase);
        expect(state.worst, words).toBe(oracle.worst);
        const isTold = state.phase === "firing" || state.phase === "recovering";
        expect(isTold ? state.severity : null, words).toBe(oracle.severity);
        expect(state.lastAt, words).toBe(at);
        expect(state.since, words).toBeLessThanOrEqual(at);
        if (state.phase === "ok") expect(state, words).toMatchObject({ severity: null, wellSince: null, worst: null });
        if (state.severity === "critical") expect(measure.critical, words).not.toBeNull();
        else expect(state.easedSince, words).toBeNull();
        if (state.phase !== "recovering") expect(state.wellSince, words).toBeNull();
        if (transition === "fire" || transition === "resolve") fires.push(transition);
      }
      const alternating = fires.map((_, index) => (index % 2 === 0 ? "fire" : "resolve"));
      expect(fires, `run ${run}`).toEqual(alternating);
    }
  });

  it("a warning becomes critical and eases only in turn, and nothing but what fires does", () => {
    const chance = new Chance(seed + 1);
    for (let run = 0; run < RUNS; run++) {
      const measure = someMeasure(chance);
      let state: RuleState | undefined;
      let severity: RuleState["severity"] = null;
      for (const reading of someReadings(chance, measure)) {
        const next = step(state, reading, measure);
        state = next.state;
        if (next.transition === "fire") {
          expect(severity).toBeNull();
          severity = state.severity;
        } else if (next.transition === "worsen") {
          expect([severity, state.severity]).toEqual(["warning", "critical"]);
          severity = "critical";
        } else if (next.transition === "ease") {
          expect([severity, state.severity]).toEqual(["critical", "warning"]);
          severity = "warning";
        } else if (next.transition === "resolve") {
          expect(severity).not.toBeNull();
          severity = null;
        }
      }
    }
  });
});
