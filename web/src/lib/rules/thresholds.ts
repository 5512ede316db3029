import type { Thresholds } from "../../../../contract/rules.ts";
import { rangeOf } from "../../../../contract/metric.ts";
import type { Faults } from "../checks/checked.ts";
import { parseSpan } from "../checks/span.ts";
import type { ThresholdTyped } from "./draft.ts";
import { type ThresholdUnit, thresholdInWords } from "./levels.ts";
import { exampleOf, parseQuantity } from "./quantity.ts";

const NAMES = ["warning", "critical", "recovery"] as const;
/** As the contract has it. */
const VALUE_MAX = 1e18;

export interface MeasuredIn {
  unit: ThresholdUnit;
  highIsBad: boolean;
  /** Of a known metric: what it can never be would never fire. */
  metric?: string | undefined;
  /** By so much, whichever way. */
  isChange?: boolean;
}

/** One threshold of these as a number; null where the field is empty. What is wrong with it is noted at `field`. */
export function thresholdOf(faults: Faults, field: string, typed: string, measured: MeasuredIn): number | null {
  const { unit, metric, isChange } = measured;
  if (typed.trim() === "") return null;
  const value = unit === "span" ? parseSpan(typed) : parseQuantity(typed, unit === "points" ? "ratio" : unit);
  if (value === undefined) {
    faults.wrong[field] = `Such as ${exampleFor(unit)}.`;
    return null;
  }
  const [min, max] = metric === undefined ? [-VALUE_MAX, VALUE_MAX] : rangeOf(metric);
  if (isChange && value <= 0) faults.wrong[field] = "By how much: more than nothing.";
  else if (value < min || value > max)
    faults.wrong[field] = unit === "ratio" ? "From 0 % to 100 %." : "It can never be that.";
  return value;
}

export function exampleFor(unit: ThresholdUnit): string {
  if (unit === "span") return "3 min, 2 h or 1 d";
  return unit === "points" ? "20 %" : exampleOf(unit);
}

/** Three thresholds, of which one at least is to be given, and what is wrong with them in the unit they are typed in. */
export function thresholdsOf(faults: Faults, prefix: string, typed: ThresholdTyped, measured: MeasuredIn): Thresholds {
  const [warning, critical, recovery] = NAMES.map((name) =>
    thresholdOf(faults, `${prefix}${name}`, typed[name], measured),
  ) as [number | null, number | null, number | null];
  const given = { warning, critical, recovery };
  if (NAMES.some((name) => faults.wrong[`${prefix}${name}`] !== undefined)) return given;
  if (warning === null && critical === null)
    faults.missing[`${prefix}warning`] = "From when on it is a warning, or critical: one of them at least.";
  noteOrder(faults, prefix, given, measured);
  return given;
}

/** The rule of the contract (`thresholdProblem`), whose words would name base units. */
export function noteOrder(
  faults: Faults,
  prefix: string,
  { warning, critical, recovery }: Thresholds,
  { unit, highIsBad }: MeasuredIn,
): void {
  const isWorse = (a: number, b: number) => (highIsBad ? a > b : a < b);
  const [worse, better] = highIsBad ? ["above", "below"] : ["below", "above"];
  if (warning !== null && critical !== null && !isWorse(critical, warning)) {
    faults.wrong[`${prefix}critical`] = `It must be ${worse} the warning, ${thresholdInWords(warning, unit)}.`;
    return;
  }
  const mildest = warning ?? critical;
  if (recovery !== null && mildest !== null && isWorse(recovery, mildest))
    faults.wrong[`${prefix}recovery`] = `It must be ${better} ${thresholdInWords(mildest, unit)}, or equal to it.`;
}
