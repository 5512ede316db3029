import { INSTANCE_NAME_LENGTH_MAX } from "../../../../contract/limits.ts";
import type { SubjectScope } from "../../../../contract/rules.ts";
import type { NewSilence } from "../../../../contract/silences.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { Faults } from "../checks/checked.ts";
import { copyOf, WHOLE } from "../scope/scope.ts";
import { newWeekly, type WeeklyDraft, weeklyTyped } from "./weekly.ts";

/** How long, from now on; or as it is entered. */
export const LENGTHS = [
  { value: "hour", label: "1 h" },
  { value: "fourHours", label: "4 h" },
  { value: "tomorrow", label: "Tomorrow 9:00", hint: "Until tomorrow at 9:00" },
  { value: "custom", label: "Custom" },
  { value: "weekly", label: "Weekly" },
] as const;
export type Length = (typeof LENGTHS)[number]["value"];

/** A silence as it is typed. Moments are of the reader's own time, as the browser's field has them: `2026-11-24T16:09`. */
export interface SilenceDraft {
  reason: string;
  scope: SubjectScope;
  ruleIds: string[];
  length: Length;
  from: string;
  to: string;
  weekly: WeeklyDraft;
  /** Of a weekly one; empty: until somebody ends it. */
  until: string;
}

/** Where the form has a place to say what is wrong. */
export const FIELDS: readonly string[] = [
  "reason",
  "scope",
  "ruleIds",
  ...["from", "to", "days", "timeZone", "until"].map((name) => `when.${name}`),
];

export function newDraft(subject: string | null, now: EpochMs): SilenceDraft {
  return {
    reason: "",
    scope: { ...copyOf(WHOLE), subjects: subject === null ? [] : [subject] },
    ruleIds: [],
    length: "hour",
    from: momentTyped(now),
    to: momentTyped(now + 2 * HOUR),
    weekly: newWeekly(),
    until: "",
  };
}

const HOUR = 3_600_000;

/** When a silence of this length that begins now ends. */
export function endOf(length: "hour" | "fourHours" | "tomorrow", now: EpochMs): EpochMs {
  if (length === "hour") return now + HOUR;
  if (length === "fourHours") return now + 4 * HOUR;
  const day = new Date(now);
  // By the calendar: tomorrow is not always in 24 hours.
  day.setDate(day.getDate() + 1);
  return day.setHours(9, 0, 0, 0);
}

/** What was typed as it would be sent now, and what is wrong with it. */
export function checked(draft: SilenceDraft, now: EpochMs): { sent: NewSilence; faults: Faults } {
  const faults = new Faults();
  const sent: NewSilence = {
    reason: faults
      .required("reason", draft.reason, "Why: whoever misses a notification finds it here.")
      .slice(0, INSTANCE_NAME_LENGTH_MAX),
    scope: copyOf(draft.scope),
    ruleIds: [...draft.ruleIds],
    when: whenOf(faults, draft, now),
  };
  return { sent, faults };
}

function whenOf(faults: Faults, draft: SilenceDraft, now: EpochMs): NewSilence["when"] {
  switch (draft.length) {
    case "weekly": {
      const until = draft.until === "" ? null : momentOf(faults, "when.until", draft.until);
      if (until !== null && until <= now && !faults.wrong["when.until"])
        faults.wrong["when.until"] = "That is over already.";
      return { ...weeklyTyped(faults, "when.", draft.weekly), until };
    }
    case "custom": {
      const from = momentOf(faults, "when.from", draft.from);
      const to = momentOf(faults, "when.to", draft.to);
      if (
        faults.wrong["when.from"] ??
        faults.wrong["when.to"] ??
        faults.missing["when.from"] ??
        faults.missing["when.to"]
      )
        return { kind: "once", from, to };
      if (to <= from) faults.wrong["when.to"] = "It must be after its beginning.";
      else if (to <= now) faults.wrong["when.to"] = "That is over already.";
      return { kind: "once", from, to };
    }
    default:
      return { kind: "once", from: now, to: endOf(draft.length, now) };
  }
}

function momentOf(faults: Faults, field: string, typed: string): EpochMs {
  const at = new Date(typed).getTime();
  if (typed === "") faults.missing[field] = "A day and a time.";
  else if (Number.isNaN(at)) faults.wrong[field] = "A day and a time.";
  return Number.isNaN(at) ? 0 : at;
}

/** A moment as the browser's field for a day and a time takes it. */
export function momentTyped(at: EpochMs): string {
  const day = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  const date = [day.getFullYear(), two(day.getMonth() + 1), two(day.getDate())].join("-");
  return `${date}T${two(day.getHours())}:${two(day.getMinutes())}`;
}
