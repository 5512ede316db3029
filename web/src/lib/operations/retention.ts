import { RETENTION_DAYS } from "../../../../contract/limits.ts";
import type { Retention } from "../../../../contract/operations.ts";

export type RetentionField = keyof Retention;
export const RETENTION_FIELDS = ["rawDays", "fiveMinutesDays", "hourDays"] as const satisfies RetentionField[];

const BOUNDS = {
  rawDays: RETENTION_DAYS.raw,
  fiveMinutesDays: RETENTION_DAYS.fiveMinutes,
  hourDays: RETENTION_DAYS.hour,
} satisfies Record<RetentionField, { min: number; max: number }>;

/** What a tier keeps, as it is said at its field and where it goes. */
export const TIER_WORDS: Record<RetentionField, { label: string; keeps: string; goes: string }> = {
  rawDays: { label: "Single samples", keeps: "Every sample as it came.", goes: "Single samples" },
  fiveMinutesDays: {
    label: "Five minutes",
    keeps: "Mean, lowest and highest of every five minutes.",
    goes: "Points of five minutes",
  },
  hourDays: { label: "One hour", keeps: "Mean, lowest and highest of every hour.", goes: "Points of an hour" },
};

/** As it is typed. */
export type RetentionDraft = Record<RetentionField, string>;

export function draftOf(retention: Retention): RetentionDraft {
  const typed = RETENTION_FIELDS.map((field) => [field, String(retention[field])]);
  return Object.fromEntries(typed) as RetentionDraft;
}

export function boundsInWords(field: RetentionField): string {
  const { min, max } = BOUNDS[field];
  return `${min} to ${max.toLocaleString("en")} days`;
}

/** What was typed as it would be sent, or what is wrong with each field. */
export function checked(draft: RetentionDraft): { retention: Retention } | { problems: Partial<RetentionDraft> } {
  const problems: Partial<RetentionDraft> = {};
  const retention = {} as Retention;
  let before: { days: number; label: string } | undefined;
  for (const field of RETENTION_FIELDS) {
    const { min, max } = BOUNDS[field];
    const days = Number(draft[field].trim());
    if (draft[field].trim() === "" || !Number.isInteger(days)) problems[field] = "A whole number of days, please.";
    else if (days < min || days > max) problems[field] = `From ${boundsInWords(field)}.`;
    else if (before && days <= before.days) problems[field] = `It must reach further back than “${before.label}”.`;
    else before = { days, label: TIER_WORDS[field].label };
    retention[field] = days;
  }
  return Object.keys(problems).length > 0 ? { problems } : { retention };
}

export function isSame(a: Retention, b: Retention): boolean {
  return RETENTION_FIELDS.every((field) => a[field] === b[field]);
}

/** What goes for good; undefined where nothing does. */
export function loweredInWords(before: Retention, after: Retention): string | undefined {
  const lowered = RETENTION_FIELDS.filter((field) => after[field] < before[field]);
  if (lowered.length === 0) return undefined;
  const sentences = lowered.map((field) => {
    const days = after[field] === 1 ? "a day" : `${after[field].toLocaleString("en")} days`;
    return `${TIER_WORDS[field].goes} older than ${days} go.`;
  });
  return `${sentences.join(" ")} It is hidden at once, removed within days, and does not come back.`;
}
