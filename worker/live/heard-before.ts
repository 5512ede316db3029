import type { Evaluation, Subject } from "../alerts/evaluation.ts";
import type { IncidentMemberRow } from "../alerts/table.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";

/** By the edge's clock. */
interface Until {
  ruleId: string;
  value: number;
  at: EpochMs;
}

/**
 * Until when a shard that has just begun need not hear what rules made of samples, since the database knows: agents send again what was
 * not durable, and by that nothing is to begin or to end a second time.
 */
export class HeardBefore {
  readonly #bySubject = new Map<string, Map<string, Until>>();

  /** `members`: whoever is well again, and whoever is open without anything else that tells where its rule stands. */
  fill(members: readonly IncidentMemberRow[]): void {
    this.#bySubject.clear();
    for (const { ruleId, subject, value, openedAt, resolvedAt } of members) {
      const ofSubject = this.#bySubject.get(subject) ?? new Map<string, Until>();
      const at = resolvedAt ?? openedAt;
      if ((ofSubject.get(ruleId)?.at ?? 0) < at) ofSubject.set(ruleId, { ruleId, value: value ?? 0, at });
      this.#bySubject.set(subject, ofSubject);
    }
  }

  /** Before the first sample of an agent, whose clock runs ahead by so much. */
  tell(evaluation: Evaluation, subject: Subject, aheadMs: DurationMs): void {
    const untils = this.#bySubject.get(subject.id);
    if (!untils) return;
    this.#bySubject.delete(subject.id);
    for (const { ruleId, value, at } of untils.values()) evaluation.heardUntil(ruleId, subject, value, at + aheadMs);
  }
}
