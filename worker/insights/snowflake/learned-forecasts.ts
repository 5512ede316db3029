import type { Band } from "../../../contract/insights.ts";
import { atPrecision, metricOf, rangeOf, type SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Cell } from "../../snowflake/decode.ts";
import type { Finding, Foretold, Machine, MachineHistory } from "../engine.ts";
import { EvidenceList } from "../local/evidence-list.ts";
import { lastingUntil, severityOf } from "../local/filling-findings.ts";
import { untilInWords } from "../words/duration.ts";
import { nounOf, vesselOf } from "../words/metric-noun.ts";
import { dayInWords } from "../words/moment.ts";
import { possessive, sentence } from "../words/names.ts";
import { percentInWords, readingInWords } from "../words/quantity.ts";

const DAY: DurationMs = 86_400_000;
/** What fills up, and from which share on nothing more fits, as arithmetic here has it. */
const LIMITS: Readonly<Record<string, number>> = {
  filesystem_used_ratio: 1,
  filesystem_inodes_used_ratio: 1,
  memory_used_ratio: 0.97,
};
/** An interval so wide tells nothing. */
const CONFIDENCE_MIN = 0.15;

interface Step {
  at: EpochMs;
  middle: number;
  lower: number;
  upper: number;
}

/** By instance and series, what `READ_FORECAST` answered. Rows that are none of that are left out. */
export function forecastsIn(rows: readonly (readonly Cell[])[]): Map<string, Map<SeriesKey, Step[]>> {
  const found = new Map<string, Map<SeriesKey, Step[]>>();
  for (const [name, at, middle, lower, upper] of rows) {
    const numbers = [at, middle, lower, upper];
    if (typeof name !== "string" || !numbers.every((one) => typeof one === "number" && Number.isFinite(one))) continue;
    const space = name.indexOf(" ");
    const [id, key] = [name.slice(0, space), name.slice(space + 1)];
    const ofInstance = found.get(id) ?? new Map<SeriesKey, Step[]>();
    const steps = ofInstance.get(key) ?? [];
    steps.push({ at: at as number, middle: middle as number, lower: lower as number, upper: upper as number });
    found.set(id, ofInstance.set(key, steps));
  }
  return found;
}

/** What is foretold of one machine: bands for its charts, and what of it fills up. */
export function foretoldOf(history: MachineHistory, series: ReadonlyMap<SeriesKey, Step[]>, now: EpochMs): Foretold {
  const bands: Record<SeriesKey, Band> = {};
  const findings: Finding[] = [];
  const keys = [...series.keys()].filter((key) => Object.hasOwn(LIMITS, metricOf(key)));
  for (const key of keys) {
    const steps = series.get(key)!;
    if (steps.length < 2) continue;
    bands[key] = bandOf(key, steps);
    // Where there is each filesystem, the worst of them is not told again.
    if (!key.includes(":") && keys.some((other) => other.startsWith(`${key}:`))) continue;
    const finding = fillingOf(history, key, steps, bands[key], now);
    if (finding) findings.push(finding);
  }
  return { findings: findings.sort((a, b) => a.at! - b.at!).slice(0, 3), bands };
}

function bandOf(key: SeriesKey, steps: readonly Step[]): Band {
  const metric = metricOf(key);
  const [least, most] = rangeOf(metric);
  const shown = (value: number) => atPrecision(metric, Math.min(most, Math.max(least, value)));
  return {
    from: steps[0]!.at,
    stepMs: steps[1]!.at - steps[0]!.at,
    middle: steps.map(({ middle }) => shown(middle)),
    lower: steps.map(({ lower }) => shown(lower)),
    upper: steps.map(({ upper }) => shown(upper)),
  };
}

function fillingOf(
  { machine, hourly }: MachineHistory,
  key: SeriesKey,
  steps: readonly Step[],
  band: Band,
  now: EpochMs,
): Finding | null {
  const limit = LIMITS[metricOf(key)]!;
  const at = crossing(steps, ({ middle }) => middle, limit);
  if (at === null || at <= now) return null;
  const fromAt = Math.max(now, crossing(steps, ({ upper }) => upper, limit) ?? at);
  const toAt = crossing(steps, ({ lower }) => lower, limit);
  const confidence = sharpness(steps, at, limit);
  if (confidence < CONFIDENCE_MIN) return null;
  const evidence = new EvidenceList();
  const noun = nounOf(key);
  const current = hourly.get(key)?.values.findLast((value) => value === value);
  const level =
    current === undefined
      ? []
      : [
          evidence.add(`${sentence(noun)} of ${machine.name} is ${readingInWords(key, current)} now.`, {
            machine,
            metric: key,
            value: current,
            from: now - 3_600_000,
            to: now,
          }),
        ];
  const interval =
    toAt === null
      ? `not before ${dayInWords(fromAt, now)}`
      : `between ${dayInWords(fromAt, now)} and ${dayInWords(toAt, now)}`;
  const until = evidence.add(
    `By its history in Snowflake, ${noun} of ${machine.name} comes to ${percentInWords(limit)} on ${dayInWords(at, now)}, ${interval} in 95 of 100 cases.`,
    { machine, metric: key, value: limit, from: fromAt, to: toAt ?? at },
  );
  const is = current === undefined ? "" : ` is ${readingInWords(key, current)}, and`;
  return {
    key: `prediction ${key} ${machine.id}`,
    kind: "prediction",
    severity: severityOf(at - now, confidence),
    title: titleOf(machine, key, untilInWords(at - now, fromAt - now, toAt === null ? null : toAt - now)),
    claims: [
      {
        text: `${sentence(noun)} of ${machine.name}${is} comes to ${percentInWords(limit)} about ${dayInWords(at, now)}: ${interval}.`,
        evidence: [...level, until],
      },
    ],
    actions: [actionFor(machine, key, dayInWords(fromAt - now >= (at - now) / 4 ? fromAt : at, now))],
    subjects: [{ id: machine.id, name: machine.name }],
    metrics: [key],
    confidence,
    basis: "How narrow the interval of Snowflake's forecast is when it gets there",
    evidence: evidence.rows,
    chart: { subjects: [machine.id], metrics: [key], from: now - 30 * DAY, to: toAt ?? at, limit, band, spans: [] },
    at,
    earliestAt: fromAt,
    latestAt: toAt,
    monthlySaving: null,
    lastsMs: lastingUntil(at - now),
  };
}

/** When a line first comes to a limit, between two steps as if it were straight; null where it does not. */
function crossing(steps: readonly Step[], of: (step: Step) => number, limit: number): EpochMs | null {
  const place = steps.findIndex((step) => of(step) >= limit);
  const [step, before] = [steps[place], steps[place - 1]];
  if (!step) return null;
  if (!before) return step.at;
  const share = (limit - of(before)) / (of(step) - of(before));
  return Math.round(before.at + share * (step.at - before.at));
}

/** 0 to 1: how much narrower the interval is than the limit is high, at the step in which it is reached. */
function sharpness(steps: readonly Step[], at: EpochMs, limit: number): number {
  const step = steps.find((one) => one.at >= at) ?? steps.at(-1)!;
  return Math.min(1, Math.max(0, 1 - (step.upper - step.lower) / limit));
}

function titleOf(machine: Machine, key: SeriesKey, until: string): string {
  if (metricOf(key) === "memory_used_ratio") return `${machine.name} will be out of memory ${until}`;
  const ends = metricOf(key) === "filesystem_inodes_used_ratio" ? "have no inodes left" : "be full";
  return `${possessive(machine.name)} ${vesselOf(key)} will ${ends} ${until}`;
}

function actionFor(machine: Machine, key: SeriesKey, day: string): string {
  if (metricOf(key) === "memory_used_ratio")
    return `Find the program on ${machine.name} that keeps growing before ${day}.`;
  if (metricOf(key) === "filesystem_inodes_used_ratio") return `Clear small files on ${machine.name} before ${day}.`;
  return `Grow the ${vesselOf(key)} of ${machine.name} or clean it up before ${day}.`;
}
