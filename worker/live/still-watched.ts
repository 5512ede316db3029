import type { EpochMs } from "../../contract/units.ts";
import { isCheckSubject } from "../../contract/rules.ts";
import type { Evaluation } from "../alerts/evaluation.ts";
import type { IncidentMemberRow } from "../alerts/table.ts";
import type { InstanceRow } from "../instances/table.ts";
import { READING_GAP_MIN_MS } from "../settings.ts";
import type { LiveState } from "./live-state.ts";
import type { Subjects } from "./subjects.ts";

/** No longer listed by its provider, and its agent says nothing either. Whoever speaks is there. */
export function isGone(
  { cloud, intervalMs }: Pick<InstanceRow, "cloud" | "intervalMs">,
  heardAt: EpochMs | null,
  now: EpochMs,
): boolean {
  if (cloud?.goneAt == null) return false;
  return intervalMs === 0 || heardAt === null || now - heardAt > Math.max(READING_GAP_MIN_MS, 3 * intervalMs);
}

interface Known {
  live: LiveState;
  subjects: Subjects;
  evaluation: Evaluation;
  /** Checks that are there and not paused. */
  checks: ReadonlyMap<string, unknown>;
}

/** Whether anybody can still say that it is over: the rule is held against it, and what the rule goes by is still looked for. */
export function isStillWatched(
  { ruleId, subject: id, instanceId }: IncidentMemberRow,
  { live, subjects, evaluation, checks }: Known,
  now: EpochMs,
): boolean {
  const instance = instanceId === null ? undefined : live.rowOf(instanceId);
  if (instance && isGone(instance, live.heardAt(instance.id), now)) return false;
  if (isCheckSubject(id)) {
    const known = subjects.knownCheck(id);
    return checks.has(id) && (!known || evaluation.isWatched(ruleId, known));
  }
  const row = live.rowOf(id);
  if (!row || !evaluation.isWatched(ruleId, subjects.ofInstance(row))) return false;
  const kind = evaluation.conditionOf(ruleId)?.kind;
  if (kind === "verdict") return row.judgement !== null;
  return kind !== "provider" || row.cloud !== null;
}
