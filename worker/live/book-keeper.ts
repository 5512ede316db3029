import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { isCheckSubject } from "../../contract/rules.ts";
import type { IncidentBook } from "../alerts/book.ts";
import type { Changes } from "../alerts/changes.ts";
import type { Evaluation } from "../alerts/evaluation.ts";
import { readStanding } from "../alerts/incident-store.ts";
import { firingState } from "../alerts/rule-state.ts";
import type { IncidentMemberRow, IncidentRow } from "../alerts/table.ts";
import { activeChecks } from "../checks/store.ts";
import type { Database } from "../db/client.ts";
import type { SubjectFacts } from "../notify/scope.ts";
import { FLAPS_PER_HOUR } from "../settings.ts";
import type { HeardBefore } from "./heard-before.ts";
import type { LiveState } from "./live-state.ts";
import type { Subjects } from "./subjects.ts";

const HOUR: DurationMs = 3_600_000;

interface Parts {
  db: Database;
  live: LiveState;
  book: IncidentBook;
  evaluation: Evaluation;
  subjects: Subjects;
  heardBefore: HeardBefore;
}

/** Keeps the book of incidents, the rules' states and the database in agreement. */
export class BookKeeper {
  readonly #parts: Parts;
  /** Whom the members are about has been looked up since the book was filled. */
  knowsFacts = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What the database holds, when the object begins. */
  fill(incidents: readonly IncidentRow[], members: readonly IncidentMemberRow[], now: EpochMs): void {
    const { book, evaluation } = this.#parts;
    book.fill(incidents, members);
    this.#reconcile(members);
    for (const { id, reopened, updatedAt } of incidents) {
      if (reopened < FLAPS_PER_HOUR - 1 || updatedAt < now - HOUR) continue;
      for (const one of members) if (one.incidentId === id) evaluation.hasFlapped(one.ruleId, one.subject, updatedAt);
    }
  }

  /** What the database says otherwise is so; what it has not heard of is written again. */
  async beginAnew(changes: Changes, now: EpochMs): Promise<void> {
    const { incidents, members } = await readStanding(this.#parts.db, now);
    const stored = new Map(incidents.map((row) => [row.id, row]));
    const first = new Map(changes.events.toReversed().map(({ incidentId, number }) => [incidentId, number]));
    const overtaken = new Set(
      [...first].flatMap(([id, number]) => ((stored.get(id)?.lastEvent ?? 0) >= number ? [id] : [])),
    );
    if (overtaken.size === 0) this.#parts.book.fill(incidents, members);
    else {
      this.#parts.book.changes.putBack(changes);
      const isOf = (id: string) => overtaken.has(id);
      this.#parts.book.replace(
        overtaken,
        incidents.filter(({ id }) => isOf(id)),
        members.filter(({ incidentId }) => isOf(incidentId)),
      );
    }
    this.#reconcile(members);
  }
  /** Checks in incidents that are open, of those that are there and not paused: their own tags. */
  async openChecks(): Promise<Map<string, string[]>> {
    const ids = this.#parts.book.openMembers().flatMap(({ subject }) => (isCheckSubject(subject) ? [subject] : []));
    const checks = ids.length > 0 ? await activeChecks(this.#parts.db, ids) : [];
    return new Map(checks.map(({ id, tags }) => [id, tags]));
  }

  /** Whom the members are about, for what is told and what is silenced. */
  learnFacts(checks: ReadonlyMap<string, readonly string[]>): void {
    this.knowsFacts = true;
    this.#parts.book.knowFacts((member, row) => this.#factsOf(member, row, checks.get(member.subject) ?? []));
  }

  /** The database knows what fires; what was kept here knows since when something is pending or well again. */
  #reconcile(members: readonly IncidentMemberRow[]): void {
    const unheard = members.filter(({ ruleId, subject }) => !this.#parts.book.isOpen(ruleId, subject));
    for (const member of this.#parts.book.openMembers()) {
      const { ruleId, subject, severity, value, openedAt } = member;
      const state = this.#parts.evaluation.stateOf(ruleId, subject);
      if (state?.phase === "firing" || state?.phase === "recovering") {
        if (state.severity !== severity) this.#parts.evaluation.setState(ruleId, subject, { ...state, severity });
        continue;
      }
      this.#parts.evaluation.setState(ruleId, subject, firingState(severity, openedAt, value ?? 0));
      unheard.push(member);
    }
    this.#parts.heardBefore.fill(unheard);
    // What was decided and never written fires again.
    for (const { ruleId, subject } of this.#parts.evaluation.told())
      if (!this.#parts.book.isOpen(ruleId, subject)) this.#parts.evaluation.setState(ruleId, subject, undefined);
    this.knowsFacts = false;
  }

  #factsOf(
    { subject, instanceId }: IncidentMemberRow,
    { tags }: IncidentRow,
    ownTags: readonly string[],
  ): SubjectFacts {
    const row = this.#parts.live.rowOf(instanceId ?? subject);
    if (!row) return { subject, instanceId, tags, provider: null, region: null };
    const { facts } = this.#parts.subjects.ofInstance(row);
    return { ...facts, subject, tags: [...new Set([...facts.tags, ...ownTags])] };
  }
}
