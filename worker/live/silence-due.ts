import type { EpochMs } from "../../contract/units.ts";
import type { Evaluation } from "../alerts/evaluation.ts";
import { SILENCE_CONFIRM_MS } from "../settings.ts";
import type { LiveState } from "./live-state.ts";
import { isGone } from "./still-watched.ts";
import type { Subjects } from "./subjects.ts";

/** Who has not been heard for so long is looked at by the tick alone. */
const LONG_SILENT_MS = 86_400_000;

/** The first moment at which some agent will have been silent for too long, or a second look at one is due. */
export function nextSilenceAt(
  live: LiveState,
  subjects: Subjects,
  evaluation: Evaluation,
  now: EpochMs,
): EpochMs | null {
  let next: EpochMs | null = null;
  for (const row of live.rows()) {
    const heardAt = live.heardAt(row.id);
    if (row.intervalMs === 0 || heardAt === null || isGone(row, heardAt, now)) continue;
    for (const { rule, measure, state } of evaluation.entriesOf(subjects.ofInstance(row))) {
      if (rule.condition.kind !== "silence") continue;
      const at = dueAt(measure, state, heardAt);
      if (at !== null && at > now - LONG_SILENT_MS && (next === null || at < next)) next = Math.max(at, now);
    }
  }
  return next;
}

type Entry = ReturnType<Evaluation["entriesOf"]>[number];

function dueAt({ warning, critical, holdMs }: Entry["measure"], state: Entry["state"], heardAt: EpochMs) {
  const lookAt = (threshold: number) => heardAt + threshold - SILENCE_CONFIRM_MS;
  switch (state?.phase ?? "ok") {
    case "ok":
      return lookAt(Math.min(warning ?? Infinity, critical ?? Infinity));
    case "pending":
      return state!.since + holdMs;
    case "firing":
      if (state!.severity === "critical" || critical === null) return null;
      return state!.criticalSince === null ? lookAt(critical) : state!.criticalSince + holdMs;
    case "recovering":
      return null;
  }
}
