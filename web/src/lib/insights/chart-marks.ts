import type { InsightChart } from "../../../../contract/insights.ts";
import { definitionOf, parseSeriesKey } from "../../../../contract/metric.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { timeLabels } from "../chart/time-labels.ts";
import { formatMoment } from "../format/day.ts";
import { formatQuantity } from "../format/quantity.ts";
import type { Drawing, Frame } from "./drawing.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps of a time axis that read well. */
const STEPS = [
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  ...[1, 2, 4, 7, 14, 30, 60, 120, 360].map((days) => days * DAY),
];
const ROOM = { small: 84, large: 96 };
/** Two words this near would touch. */
const APART = 34;
const EDGE = 34;

export interface Marks {
  /** Levels across, with what stands beside them. */
  rows: { y: number; text: string }[];
  times: { x: number; text: string; anchor: "start" | "middle" | "end" }[];
}

/** What is written around a chart: times below it, and where there is room levels beside it. */
export function chartMarks(drawing: Drawing, frame: Frame, now: EpochMs, isLarge: boolean): Marks {
  const { top, unit, yOf } = drawing;
  const shares = isLarge ? [0, 0.5, 1] : [0];
  const rows = shares.map((share) => ({
    y: top === null ? frame.top + (1 - share) * (frame.height - frame.top - frame.bottom) : yOf(top * share),
    text: !isLarge || top === null || unit === null ? "" : formatQuantity(top * share, unit),
  }));
  return { rows, times: timesOf(drawing, frame, now, isLarge) };
}

function timesOf({ from, to, xOf, nowX }: Drawing, frame: Frame, now: EpochMs, isLarge: boolean): Marks["times"] {
  const room = frame.width - frame.left - frame.right;
  const wanted = Math.max(1, Math.floor(room / (isLarge ? ROOM.large : ROOM.small)));
  const stepMs = STEPS.find((step) => (to - from) / step <= wanted) ?? STEPS.at(-1)!;
  const first = firstMark(from, stepMs);
  const at: EpochMs[] = [];
  for (let time = first; time <= to; time += stepMs) at.push(time);
  const words = timeLabels(at, stepMs);
  const said = nowX === null ? [] : [{ x: xOf(now), text: "now", anchor: "middle" as const }];
  const others = at.flatMap((time, index) => {
    const x = xOf(time);
    const isFree = said.every((other) => Math.abs(other.x - x) > APART);
    const isInside = x >= frame.left + EDGE && x <= frame.width - frame.right - EDGE;
    return isFree && isInside ? [{ x, at: time, text: words[index]!, anchor: "middle" as const }] : [];
  });
  return [...dated(others, stepMs), ...said];
}

/** Hours alone do not say of which day: where no day begins in the window, the first of them says it. */
function dated(marks: (Marks["times"][number] & { at: EpochMs })[], stepMs: number): Marks["times"] {
  const isDayTold = stepMs >= DAY || marks.some(({ text }) => /[A-Za-z]/.test(text));
  return marks.map(({ x, text, anchor, at }, index) => ({
    x,
    text: index > 0 || isDayTold ? text : `${dayOf(at)}, ${text}`,
    anchor,
  }));
}

function dayOf(at: EpochMs): string {
  return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/** Days and hours begin where the reader's own do. */
function firstMark(from: EpochMs, stepMs: number): EpochMs {
  const offset = new Date(from).getTimezoneOffset() * MINUTE;
  return Math.ceil((from - offset) / stepMs) * stepMs + offset;
}

/** What a line is called: by its metric, by its subject, or by both where they differ. */
export function lineInWords(
  { subject, metric }: { subject: string; metric: string },
  { subjects, metrics }: Pick<InsightChart, "subjects" | "metrics">,
  names: (subject: string) => string,
): string {
  const { metric: name, dimension } = parseSeriesKey(metric) ?? { metric };
  const said = `${definitionOf(name)?.label ?? name}${dimension === undefined ? "" : ` ${dimension}`}`;
  if (new Set(subjects).size <= 1) return said;
  return metrics.length === 1 ? names(subject) : `${names(subject)}: ${said}`;
}

/** A moment under the cursor. */
export function momentInWords(at: EpochMs): string {
  return formatMoment(Math.round(at / MINUTE) * MINUTE);
}
