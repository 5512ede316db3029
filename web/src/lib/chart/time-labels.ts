import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const two = (value: number) => String(value).padStart(2, "0");
const month = (time: Date) => time.toLocaleDateString("en-GB", { month: "short" });

/** What stands below the marks of a time axis that are `stepMs` apart, in the reader's own time. */
export function timeLabels(marks: readonly EpochMs[], stepMs: DurationMs): string[] {
  return marks.map((at, index) => {
    const before = marks[index - 1];
    return labelOf(new Date(at), stepMs, before === undefined ? undefined : new Date(before));
  });
}

function labelOf(time: Date, stepMs: DurationMs, before: Date | undefined): string {
  if (stepMs >= 360 * DAY) return String(time.getFullYear());
  // The year stands once and where it turns; at every mark it would be noise.
  const isNewYear = time.getFullYear() !== before?.getFullYear();
  if (stepMs >= 28 * DAY) return isNewYear ? `${month(time)} ${time.getFullYear()}` : month(time);
  const day = `${time.getDate()} ${month(time)}`;
  if (stepMs >= DAY) return day;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (stepMs < MINUTE) return `${clock}:${two(time.getSeconds())}`;
  return clock === "00:00" ? day : clock;
}

/**
 * The point under the cursor: a moment, or with a step the span it stands for. The day is said unless it is known: in the
 * last hours it is today or yesterday.
 */
export function pointTime(at: EpochMs, stepMs: DurationMs, isDayKnown: boolean): string {
  const from = new Date(at);
  const to = new Date(at + stepMs);
  if (stepMs >= DAY) return `${dayOf(from)} – ${dayOf(to)}`;
  const hasSeconds = stepMs < MINUTE && (stepMs > 0 || isDayKnown);
  const clock = stepMs === 0 ? clockOf(from, hasSeconds) : `${clockOf(from, hasSeconds)} – ${clockOf(to, hasSeconds)}`;
  return isDayKnown ? clock : `${dayOf(from)}, ${clock}`;
}

function clockOf(time: Date, hasSeconds: boolean): string {
  return `${two(time.getHours())}:${two(time.getMinutes())}${hasSeconds ? `:${two(time.getSeconds())}` : ""}`;
}

function dayOf(time: Date): string {
  return `${time.getDate()} ${month(time)} ${time.getFullYear()}`;
}
