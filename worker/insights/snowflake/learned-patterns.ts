import { unitOf, metricOf, type SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Cell } from "../../snowflake/decode.ts";
import type { Finding, Machine, MachineHistory } from "../engine.ts";
import { EvidenceList } from "../local/evidence-list.ts";
import type { Weighed } from "../local/few.ts";
import { isWorthTelling } from "../local/worth-telling.ts";
import { nounOf } from "../words/metric-noun.ts";
import { possessive, sentence } from "../words/names.ts";
import { percentInWords, readingInWords } from "../words/quantity.ts";
import { recurringTimeInWords } from "../words/recurring-time.ts";

const HOUR: DurationMs = 3_600_000;
const DAY: DurationMs = 24 * HOUR;
const DAY_SLOTS = 24;
const WEEK_SLOTS = 168;
/** Less than this is told of nothing. */
const SHARE_MIN = 0.3;
/** A week has to explain so much more than its days do. */
const WEEK_MORE = 0.15;

interface Profile {
  period: "day" | "week";
  /** Hours after midnight, or after the beginning of Monday. */
  slot: number;
  share: number;
  peak: number;
  usual: number;
  hours: number;
}

/** What `READ_PROFILES` answered, where something comes back: a finding for each series, of which the weightier are told. */
export function patternsIn(
  rows: readonly (readonly Cell[])[],
  histories: readonly MachineHistory[],
  now: EpochMs,
): Weighed[] {
  const machines = new Map(histories.map(({ machine }) => [machine.id, machine]));
  return rows.flatMap(([id, key, ...cells]) => {
    const machine = typeof id === "string" ? machines.get(id) : undefined;
    const numbers = cells.map(Number);
    if (!machine || typeof key !== "string" || !numbers.every(Number.isFinite)) return [];
    const profile = profileOf(numbers);
    if (!profile || !isWorthTelling(key, profile.usual, profile.peak)) return [];
    return [{ finding: finding(machine, key, profile, now), weight: profile.share }];
  });
}

function profileOf(numbers: readonly number[]): Profile | null {
  const [hours = 0, usual = 0, dayShare = 0, daySlot = 0, dayPeak = 0, weekShare = 0, weekSlot = 0, weekPeak = 0] =
    numbers;
  const byDay = beyondChance(dayShare, DAY_SLOTS, hours);
  const byWeek = beyondChance(weekShare, WEEK_SLOTS, hours);
  if (byWeek >= SHARE_MIN && byWeek - byDay >= WEEK_MORE) {
    return { period: "week", slot: weekSlot, share: byWeek, peak: weekPeak, usual, hours };
  }
  return byDay >= SHARE_MIN ? { period: "day", slot: daySlot, share: byDay, peak: dayPeak, usual, hours } : null;
}

/** A share of variance less what as many means explain of nothing. */
function beyondChance(share: number, slots: number, hours: number): number {
  const free = slots / Math.max(hours, slots + 1);
  return Math.min(1, Math.max(0, (share - free) / (1 - free)));
}

function finding(machine: Machine, key: SeriesKey, profile: Profile, now: EpochMs): Finding {
  const { period, slot, share, peak, usual, hours } = profile;
  const when = recurringTimeInWords(period, slot * HOUR, (slot + 1) * HOUR);
  const evidence = new EvidenceList();
  const days = Math.round(hours / 24);
  const id = evidence.add(
    `${sentence(nounOf(key))} of ${machine.name} is ${readingInWords(key, peak)} in the mean ${when}, usually ${readingInWords(key, usual)}; over ${days} days in Snowflake, the time of the ${period} explains ${percentInWords(share)} of how it moves.`,
    { machine, metric: key, value: peak, from: now - days * DAY, to: now },
  );
  return {
    key: `pattern ${period} ${machine.id} ${key}`,
    kind: "pattern",
    severity: "info",
    title: `${possessive(machine.name)} ${nounOf(key)} peaks ${when}: ${readingInWords(key, peak)}`,
    claims: [
      {
        text: `${sentence(when)}, ${nounOf(key)} of ${machine.name} is ${readingInWords(key, peak)} in the mean; usual is ${readingInWords(key, usual)}.`,
        evidence: [id],
      },
    ],
    actions:
      unitOf(metricOf(key)) === "ratio"
        ? ["See which job runs then, and move it if it gets in the way of others."]
        : [],
    subjects: [{ id: machine.id, name: machine.name }],
    metrics: [key],
    confidence: Math.min(0.99, share),
    basis: `The share of how it moves that the time of the ${period} explains, less what chance would`,
    evidence: evidence.rows,
    chart: {
      subjects: [machine.id],
      metrics: [key],
      from: now - (period === "day" ? 7 : 28) * DAY,
      to: now,
      limit: null,
      band: null,
      spans: [],
    },
    at: null,
    earliestAt: null,
    latestAt: null,
    monthlySaving: null,
    lastsMs: 8 * DAY,
  };
}
