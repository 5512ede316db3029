import type { AskMetric, PlanStep } from "../../../../contract/ask.ts";
import { INSIGHT_KINDS } from "../../../../contract/insight-kinds.ts";
import { KIND_WORDS } from "./in-words.ts";

const METRIC_WORDS: Record<AskMetric, string> = {
  cpu: "CPU",
  memory: "memory",
  disk: "disks",
  inodes: "inodes",
  network_in: "network in",
  network_out: "network out",
  disk_busy: "disk activity",
  load: "load",
  bandwidth: "traffic allowances",
  certificate: "certificates",
  response: "response times",
};

/** What was looked up for an answer, a part for each step of its plan, none of them twice. */
export function lookedUpInWords(plan: readonly PlanStep[]): string[] {
  return [...new Set(plan.map((step) => `${stepInWords(step)}${agoInWords(step)}${scopeInWords(step)}`))];
}

function stepInWords(step: PlanStep): string {
  switch (step.query) {
    case "runs_out":
      return `forecasts of ${step.metric === null ? "everything that fills up" : METRIC_WORDS[step.metric]} for ${daysInWords(step.withinDays)}`;
    case "ranking":
      return `${METRIC_WORDS[step.metric]} of ${daysInWords(step.overDays)}, ${step.order === "most" ? "highest" : "lowest"} ${step.by === "max" ? "peaks" : "means"} first`;
    case "reading":
      return `readings of ${METRIC_WORDS[step.metric]} of ${daysInWords(step.overDays)}`;
    case "comparison":
      return `${METRIC_WORDS[step.metric]} of ${daysInWords(step.overDays)} against the time before`;
    case "insights": {
      const kinds = step.kinds.map((kind) => KIND_WORDS[kind].toLowerCase());
      const isAll = kinds.length === 0 || kinds.length === Object.keys(INSIGHT_KINDS).length;
      return `insights of ${daysInWords(step.overDays)}${isAll ? "" : ` (${kinds.join(", ")})`}`;
    }
    case "incidents":
      return `${step.state === "all" ? "" : `${step.state} `}incidents of ${daysInWords(step.overDays)}`;
    case "changes":
      return `changes in the ${hoursInWords(step.beforeHours)} before`;
    case "health":
      return "who is up and who is not";
    case "uptime":
      return `uptime of ${daysInWords(step.overDays)}`;
    case "cost":
      return "what the fleet costs";
    case "inventory":
      return `the fleet by ${step.by === "os" ? "system" : step.by}${step.only === null ? "" : `: ${step.only}`}`;
  }
}

/** Where the span has not ended just now. */
function agoInWords(step: PlanStep): string {
  return "agoDays" in step && step.agoDays > 0 ? `, up to ${daysInWords(step.agoDays)} ago` : "";
}

function scopeInWords({ subjects, tags }: Pick<PlanStep, "subjects" | "tags">): string {
  if (subjects.length > 0) return subjects.length === 1 ? ", of one instance" : `, of ${subjects.length} instances`;
  return tags.length > 0 ? `, tagged ${tags.join(" or ")}` : "";
}

/** `7 days`, `6 hours`, `90 days`. */
export function daysInWords(days: number): string {
  if (days < 1) return hoursInWords(days * 24);
  const whole = Math.round(days * 10) / 10;
  return whole === 1 ? "1 day" : `${whole} days`;
}

function hoursInWords(hours: number): string {
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} minutes`;
  const whole = Math.round(hours);
  return whole === 1 ? "1 hour" : `${whole} hours`;
}
