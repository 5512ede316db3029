import type { Plan, PlanStep } from "../../../contract/ask.ts";
import { INSIGHT_KINDS } from "../../../contract/insights.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Asking } from "../engine.ts";
import { lengthInWords } from "../words/duration.ts";
import { clockInWords, dayInWords, momentInWords, windowInWords } from "../words/moment.ts";
import { namesInWords, sentence } from "../words/names.ts";
import { DAY_MS, HOUR_MS, startOf } from "./calendar.ts";
import { ASKED_METRICS } from "./metrics.ts";
import { nameInWords } from "../brief/plain-name.ts";
import type { Span } from "./times.ts";

/** A plan as a person would say it: `Disks that will be full before Thursday, 31 Dec`. */
export function planInWords(plan: Plan, names: Asking["names"], now: EpochMs): string {
  const said = plan.map((step) => `${stepInWords(step, now)}${scopeInWords(step, names)}`);
  return sentence(said.join("; "));
}

/** The time that a step is about. */
export function spanOfStep({ overDays, agoDays }: { overDays: number; agoDays: number }, now: EpochMs): Span {
  // What came out of a plan as days is a whole second again.
  const to = now - Math.round(agoDays * 86_400) * 1_000;
  return { from: to - Math.round(overDays * 86_400) * 1_000, to };
}

/** `over the last 3 d`, `yesterday`, `Wednesday, 25 Nov, 18:00 to Thursday, 26 Nov, 06:00 UTC` */
export function spanInWords({ from, to }: Span, now: EpochMs): string {
  if (from === startOf("day", now, -1) && to === startOf("day", now)) return "yesterday";
  if (to < now - 90_000) return thenInWords(from, to, now);
  if (from === startOf("day", now)) return "today";
  const isSince = from % DAY_MS === 0 && now - from > DAY_MS;
  return isSince ? `since ${dayInWords(from, now)}` : `in the last ${wholeInWords(to - from)}`;
}

/** A time that is over: a day by its name, otherwise from when until when. */
function thenInWords(from: EpochMs, to: EpochMs, now: EpochMs): string {
  if (from % DAY_MS === 0 && to - from === DAY_MS) return `on ${dayInWords(from, now)}`;
  if (from % DAY_MS === 0 && to % DAY_MS === 0) return `from ${dayInWords(from, now)} to ${dayInWords(to - 1, now)}`;
  return `${startOf("day", from) === startOf("day", to - 1) ? "on" : "from"} ${windowInWords(from, to)}`;
}

/** Until when, where a day says it; otherwise within which time. */
export function untilWords(until: EpochMs, now: EpochMs): string {
  if (until % DAY_MS === 0) return `before ${dayInWords(until, now)}`;
  return until - now < 2 * DAY_MS ? `before ${momentInWords(until, now)}` : `within ${wholeInWords(until - now)}`;
}

/** A length that somebody chose: `24 hours`, `30 days`, `hour`; what is no whole number of hours or days as it is. */
export function wholeInWords(ms: DurationMs): string {
  const [days, hours] = [ms / DAY_MS, ms / HOUR_MS];
  if (days >= 2) return Number.isInteger(days) || days >= 10 ? `${Math.round(days)} days` : lengthInWords(ms);
  if (hours === 1) return "hour";
  return Number.isInteger(hours) ? `${hours} hours` : lengthInWords(ms);
}

function stepInWords(step: PlanStep, now: EpochMs): string {
  switch (step.query) {
    case "runs_out":
      return `${filling(step.metric)} ${untilWords(untilOf(step, now), now)}`;
    case "ranking": {
      const { noun } = ASKED_METRICS[step.metric];
      return `${step.order === "most" ? "the highest" : "the lowest"} ${bare(noun)}${step.by === "max" ? " at its peak" : ""}, ${time(step, now)}`;
    }
    case "reading":
      return `${ASKED_METRICS[step.metric].noun} ${time(step, now)}`;
    case "comparison":
      return `${ASKED_METRICS[step.metric].noun} ${time(step, now)}, beside the same time before it`;
    case "insights": {
      const kinds = step.kinds.map((kind) => KINDS[kind]);
      return `${kinds.length > 0 ? namesInWords(kinds, 5) : "what was found"} ${time(step, now)}`;
    }
    case "incidents":
      return step.state === "open"
        ? "open incidents"
        : `${step.state === "resolved" ? "resolved " : ""}incidents ${time(step, now)}`;
    case "changes":
      return changesInWords(step, now);
    case "health":
      return "how things are now";
    case "uptime":
      return `the ${step.order} uptime ${time(step, now)}`;
    case "cost":
      return "what is paid each month, and what of it is not used";
    case "inventory":
      return `how many instances there are by ${step.by === "os" ? "operating system" : step.by}${step.only === null ? "" : `: ${nameInWords(step.only)}`}`;
  }
}

export function untilOf({ withinDays }: { withinDays: number }, now: EpochMs): EpochMs {
  return now + Math.round(withinDays * 86_400) * 1_000;
}

const time = (step: { overDays: number; agoDays: number }, now: EpochMs) => spanInWords(spanOfStep(step, now), now);
const bare = (noun: string) => noun.replace(/^the /, "");

const KINDS: Record<keyof typeof INSIGHT_KINDS, string> = {
  prediction: "predictions",
  anomaly: "unusual readings",
  change: "levels that changed",
  pattern: "patterns",
  correlation: "readings that move together",
  waste: "what is paid for and not used",
};

function filling(metric: (PlanStep & { query: "runs_out" })["metric"]): string {
  switch (metric) {
    case null:
      return "what will be full or run out";
    case "certificate":
      return "certificates that run out";
    case "bandwidth":
      return "traffic allowances that will be used up";
    case "disk":
      return "disks that will be full";
    case "memory":
      return "memory that will be full";
    case "inodes":
      return "filesystems that will run out of inodes";
    default:
      return `where ${bare(ASKED_METRICS[metric].noun)} reaches its limit`;
  }
}

function changesInWords({ at, incidentId, beforeHours }: PlanStep & { query: "changes" }, now: EpochMs): string {
  const hours = wholeInWords(beforeHours * HOUR_MS);
  if (incidentId === "latest") return `what changed in the ${hours} before the last incident`;
  if (incidentId !== null && incidentId !== "nearest") return `what changed in the ${hours} before that incident`;
  const span = { from: (at ?? now) - beforeHours * HOUR_MS, to: at ?? now };
  if (incidentId === "nearest" && at !== null)
    return `what changed in the ${hours} before the incident of ${clockOf(at, now)}`;
  if (at === null || at % DAY_MS === 0) return `what changed ${spanInWords(span, now)}`;
  return `what changed in the ${hours} before ${clockOf(at, now)}`;
}

function clockOf(at: EpochMs, now: EpochMs): string {
  return startOf("day", at) === startOf("day", now) ? `${clockInWords(at)} UTC` : momentInWords(at, now);
}

function scopeInWords({ subjects, tags }: PlanStep, names: Asking["names"]): string {
  const nameOf = new Map(subjects.length > 0 ? names.map(({ id, name }) => [id, name]) : []);
  const called = subjects.map((id) => nameInWords(nameOf.get(id) ?? id));
  const of = called.length > 0 ? ` (${namesInWords(called, 3)})` : "";
  return tags.length > 0 ? `${of} (tagged ${namesInWords(tags, 3)})` : of;
}
