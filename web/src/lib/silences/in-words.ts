import type { Silence } from "../../../../contract/silences.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { formatMoment, formatUntil } from "../format/day.ts";
import { weeklyInWords } from "./weekly.ts";

export const PHASES = {
  active: "In force",
  coming: "To come",
  over: "Over",
} as const;
export type Phase = keyof typeof PHASES;

/** A silence goes on after its last answer: what begins or ends meanwhile is told by its own times. */
export function phaseOf({ isActive, nextChangeAt, when }: Silence, now: EpochMs): Phase {
  if (nextChangeAt !== null && now >= nextChangeAt && when.kind === "once") return isActive ? "over" : "active";
  if (isActive) return "active";
  return nextChangeAt === null ? "over" : "coming";
}

/** When it holds. */
export function whenInWords({ when }: Pick<Silence, "when">): string {
  if (when.kind === "weekly") {
    const until = when.until === null ? "" : `, until ${formatMoment(when.until)}`;
    return `${capital(weeklyInWords(when))}${until}`;
  }
  const [from, to] = [formatMoment(when.from), formatMoment(when.to)];
  const [day, time] = to.split(", ");
  return `${from} to ${from.startsWith(`${day},`) ? time : to}`;
}

/** What happens to it next, or how it ended. */
export function nextInWords(silence: Silence, now: EpochMs): { text: string; title: string | undefined } {
  const { nextChangeAt, endedAt, when } = silence;
  if (endedAt !== null) return { text: `Ended early, ${formatMoment(endedAt)}`, title: undefined };
  const phase = phaseOf(silence, now);
  if (phase === "over") {
    const end = when.kind === "once" ? when.to : when.until;
    return { text: end === null ? "Over" : `Over since ${formatMoment(end)}`, title: undefined };
  }
  if (nextChangeAt === null) return { text: "Until somebody ends it", title: undefined };
  const next = when.kind === "once" && phase === "active" ? when.to : nextChangeAt;
  const verb = phase === "active" ? "Ends" : "Begins";
  return { text: `${verb} ${formatUntil(Math.max(next, now + 1), now)}`, title: formatMoment(next) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
