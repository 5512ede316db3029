import type { Preview } from "../../../../contract/rules.ts";
import type { Severity } from "../../../../contract/rule-kinds.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

export interface Firing {
  severity: Severity;
  from: EpochMs;
  to: EpochMs | null;
  subject: string;
  name: string;
}

/** One column of the strip: a day of the reader's own. */
export interface PreviewDay {
  from: EpochMs;
  /** How many began on it. */
  firings: number;
  criticals: number;
}

/** How often it would have begun to fire on each day, the oldest first, days on which it did not among them. */
export function firingsByDay({ from, to, firings }: Pick<Preview, "from" | "to"> & { firings: readonly Firing[] }) {
  const days: PreviewDay[] = [];
  const day = new Date(from);
  day.setHours(0, 0, 0, 0);
  // By the calendar: a day on which the clocks change is not as long as others.
  for (; day.getTime() < to; day.setDate(day.getDate() + 1)) {
    days.push({ from: day.getTime(), firings: 0, criticals: 0 });
  }
  for (const firing of firings) {
    const own = days.findLast((one) => one.from <= firing.from);
    if (!own) continue;
    own.firings += 1;
    if (firing.severity === "critical") own.criticals += 1;
  }
  return days;
}

/** For whom it would have fired how often and how long in all, those with the most first. */
export function firingsBySubject(
  firings: readonly Firing[],
  until: EpochMs,
): { subject: string; name: string; times: number; lasted: DurationMs; severity: Severity }[] {
  return [...Map.groupBy(firings, ({ subject }) => subject)]
    .map(([subject, own]) => ({
      subject,
      name: own[0]!.name,
      times: own.length,
      lasted: own.reduce((sum, { from, to }) => sum + (to ?? until) - from, 0),
      severity: own.some(({ severity }) => severity === "critical") ? ("critical" as const) : ("warning" as const),
    }))
    .sort((a, b) => b.times - a.times || b.lasted - a.lasted);
}

/** As many as an answer holds: there may have been more. */
const FIRINGS_SHOWN_MAX = 200;

/** The answer in a sentence. */
export function previewInWords({ subjects, looked, firings }: Preview): string {
  if (subjects === 0) return "Nothing that you may see is in this scope, so it would watch nobody.";
  const many = (count: number, one: string) => `${count.toLocaleString("en")} ${count === 1 ? one : `${one}s`}`;
  const watched = `It would watch ${many(subjects, "subject")}`;
  if (looked === 0) return `${watched}. What it would have done cannot be told.`;
  const of = looked < subjects ? ` of ${looked.toLocaleString("en")} of them` : "";
  if (firings.length === 0) return `${watched}. In the last 7 days it would not have fired for any${of}.`;
  const whom = new Set(firings.map(({ subject }) => subject)).size;
  const atLeast = firings.length >= FIRINGS_SHOWN_MAX ? "at least " : "";
  const times = firings.length === 1 ? "once" : `${atLeast}${firings.length} times`;
  return `${watched}. In the last 7 days it would have fired ${times}, for ${whom.toLocaleString("en")}${of}.`;
}
