import type { IncidentEventKind } from "../../contract/incident-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Remindable, Told } from "../notify/outbox.ts";
import type { SubjectFacts } from "../notify/scope.ts";
import { REOPEN_WITHIN_MS } from "../settings.ts";
import { Pending } from "./changes.ts";
import {
  inTrouble,
  isNewMachine,
  latelyResolved,
  memberKey,
  messageOf,
  namesIn,
  newRow,
  openOf,
  standings,
  worstOf,
  type Held,
  type News,
  type Trouble,
} from "./held.ts";
import { grouped, joinedBy } from "./place.ts";
import type { IncidentMemberRow, IncidentRow } from "./table.ts";
import { titleOf } from "./title.ts";

/**
 * The incidents that are open, and those that were lately, in memory: decides what a breach becomes. Reads no clock and writes nothing;
 * what has changed waits in `changes`. An incident's last event is its version.
 */
export class IncidentBook {
  readonly #held = new Map<string, Held>();
  /** Open members → their incident. */
  readonly #open = new Map<string, Held>();
  readonly #newId: () => string;
  readonly #metricOf: (row: IncidentRow) => string | null;
  readonly changes: Pending;

  /** `metricOf`: which series' words explain an incident. */
  constructor(
    newId: () => string = () => crypto.randomUUID(),
    metricOf: (row: IncidentRow) => string | null = () => null,
  ) {
    this.#newId = newId;
    this.#metricOf = metricOf;
    this.changes = new Pending({
      row: (id) => this.#held.get(id)?.row,
      member: (id, key) => this.#held.get(id)?.members.get(key),
      keyOf: ({ ruleId, subject }) => memberKey(ruleId, subject),
      facts: (id) => [...(this.#held.get(id)?.facts.values() ?? [])],
    });
  }

  /** What the database holds: all that is open, and what was resolved lately. */
  fill(rows: readonly IncidentRow[], members: readonly IncidentMemberRow[]): void {
    this.#held.clear();
    this.#open.clear();
    this.changes.clear();
    this.#hold(rows, members);
  }

  /** These are as the database says; all others stay as they are, with what waits to be written of them. */
  replace(ids: ReadonlySet<string>, rows: readonly IncidentRow[], members: readonly IncidentMemberRow[]): void {
    for (const id of ids) {
      const held = this.#held.get(id);
      for (const [key, of] of this.#open) if (of === held) this.#open.delete(key);
      this.#held.delete(id);
      this.changes.drop(id);
    }
    this.#hold(rows, members);
  }

  #hold(rows: readonly IncidentRow[], members: readonly IncidentMemberRow[]): void {
    for (const row of rows)
      this.#held.set(row.id, { row, members: new Map(), facts: new Map(), joinedAt: row.openedAt });
    for (const member of members) {
      const held = this.#held.get(member.incidentId);
      if (!held) continue;
      const key = memberKey(member.ruleId, member.subject);
      held.members.set(key, member);
      held.joinedAt = Math.max(held.joinedAt, member.openedAt);
      if (member.resolvedAt === null) this.#open.set(key, held);
    }
  }

  /** Whom all of them are about, for what is told and what is silenced. */
  knowFacts(factsOf: (member: IncidentMemberRow, row: IncidentRow) => SubjectFacts): void {
    for (const { row, members, facts } of this.#held.values())
      for (const [key, member] of members) facts.set(key, factsOf(member, row));
  }

  isOpen(ruleId: string, subject: string): boolean {
    return this.#open.has(memberKey(ruleId, subject));
  }

  /** Open members, by rule and subject. */
  openMembers(): IncidentMemberRow[] {
    return [...this.#open].map(([key, held]) => held.members.get(key)!);
  }

  openRows(): IncidentRow[] {
    return [...this.#held.values()].filter(({ row }) => row.state !== "resolved").map(({ row }) => row);
  }

  row(id: string): IncidentRow | undefined {
    return this.#held.get(id)?.row;
  }

  membersOf(id: string): IncidentMemberRow[] {
    return [...(this.#held.get(id)?.members.values() ?? [])];
  }

  /** What nobody has acknowledged and no silence is about, for the reminders of it. */
  *remindable(now: EpochMs): Generator<Remindable> {
    for (const held of new Set(this.#open.values())) {
      const { id: incidentId, lastEvent: eventNumber, state, isSilenced } = held.row;
      if (state !== "open" || isSilenced) continue;
      const since = Math.min(...openOf(held).map((key) => held.members.get(key)!.openedAt));
      const facts = [...held.facts.values()];
      yield { incidentId, eventNumber, since, message: messageOf(held, this.#metricOf(held.row), now), facts };
    }
  }

  /** Rules that have begun to fire, all at one moment. A subject that is open by the rule already stays as it is. */
  fire(troubles: readonly Trouble[], now: EpochMs): void {
    const fresh = troubles.filter(({ ruleId, subject }) => !this.isOpen(ruleId, subject));
    const again: Trouble[] = [];
    const first: Trouble[] = [];
    for (const one of fresh) (latelyResolved(this.#held.values(), one, now) ? again : first).push(one);
    for (const [held, group] of Map.groupBy(again, (one) => latelyResolved(this.#held.values(), one, now)!))
      this.#reopen(held, group, now);
    // What tells of a machine that is known to be in trouble is not what others fell with.
    const known = Map.groupBy(first, inTrouble(this.#open));
    for (const group of grouped(known.get(undefined) ?? [])) {
      const [lead] = group;
      const joined = joinedBy(lead!, standings(this.#open));
      if (joined) this.#join(joined.held, group, now);
      else this.#begin(group, now);
    }
    for (const [held, group] of known) if (held) this.#join(held, group, now);
  }

  /** How bad some of them are has changed. */
  changeSeverity(news: readonly News[], now: EpochMs): void {
    for (const [held, group] of this.#ofIncidents(news)) {
      for (const one of group) {
        const { severity, value, threshold, reason } = one;
        this.#setMember(held, memberKey(one.ruleId, one.subject), { severity, value, threshold, reason });
      }
      const before = held.row.severity;
      this.#sumUp(held);
      const after = held.row.severity;
      if (before === after) {
        this.#touch(held, now);
        continue;
      }
      held.row.reason = group[0]!.reason;
      const isWorse = after === "critical";
      const number = this.#event(held, isWorse ? "worsened" : "eased", group[0]!.reason, now);
      if (isWorse && !held.row.isSilenced) this.#tell(held, "worsened", number, now);
    }
  }

  /** Some of them are well again, or nobody looks at them any more. */
  resolve(news: readonly News[], now: EpochMs): void {
    for (const [held, group] of this.#ofIncidents(news)) {
      for (const one of group) {
        const key = memberKey(one.ruleId, one.subject);
        this.#setMember(held, key, { resolvedAt: now, value: one.value, reason: one.reason });
        this.#open.delete(key);
      }
      const { row } = held;
      row.openMembers = openOf(held).length;
      const names = namesIn(group.map((one) => held.members.get(memberKey(one.ruleId, one.subject))!));
      if (row.openMembers > 0) {
        row.severity = worstOf(held);
        this.#event(held, "recovered", `${names}: ${group[0]!.reason}`, now);
        continue;
      }
      row.state = "resolved";
      row.resolvedAt = now;
      row.reason = group[0]!.reason;
      const number = this.#event(
        held,
        "resolved",
        group.length === 1 ? group[0]!.reason : `${names}: ${group[0]!.reason}`,
        now,
      );
      this.#tell(held, "resolved", number, now);
    }
  }

  /** What a person does. False where there is nothing of the kind to do. */
  act(
    id: string,
    action: "acknowledge" | "unacknowledge" | "note" | "resolve",
    actor: string,
    note: string | null,
    now: EpochMs,
  ): boolean {
    const held = this.#held.get(id);
    if (!held || held.row.state === "resolved") return false;
    const { row } = held;
    switch (action) {
      case "acknowledge":
        if (row.state === "acknowledged" && !note) return false;
        Object.assign(row, { state: "acknowledged", acknowledgedAt: now, acknowledgedBy: actor });
        this.#event(held, "acknowledged", note ?? "", now, actor);
        this.changes.of(held.row.id).isHushed = true;
        return true;
      case "unacknowledge":
        if (row.state !== "acknowledged") return false;
        Object.assign(row, { state: "open", acknowledgedAt: null, acknowledgedBy: null });
        this.#tellNextSteps(held, this.#event(held, "unacknowledged", note ?? "", now, actor), now);
        return true;
      case "note":
        if (!note) return false;
        this.#event(held, "noted", note, now, actor);
        return true;
      case "resolve": {
        for (const key of openOf(held)) {
          this.#setMember(held, key, { resolvedAt: now });
          this.#open.delete(key);
        }
        Object.assign(row, { state: "resolved", resolvedAt: now, openMembers: 0, reason: `resolved by ${actor}` });
        const number = this.#event(held, "resolved", note ?? "", now, actor);
        this.#tell(held, "resolved", number, now);
        return true;
      }
    }
  }

  /** Silences have begun or ended: what was kept back and is still open is told now. */
  silences(isSilenced: (member: IncidentMemberRow, facts: SubjectFacts) => boolean, now: EpochMs): void {
    for (const held of new Set(this.#open.values())) {
      const isQuiet = openOf(held).every((key) => isSilenced(held.members.get(key)!, held.facts.get(key)!));
      if (isQuiet === held.row.isSilenced) continue;
      held.row.isSilenced = isQuiet;
      const number = this.#event(held, isQuiet ? "silenced" : "spoken", "", now);
      if (isQuiet) this.changes.of(held.row.id).isHushed = true;
      else if (held.row.state === "open") this.#tell(held, "firing", number, now);
    }
  }

  /** Forgets what was resolved too long ago to come back. */
  forgetOld(now: EpochMs): void {
    for (const [id, { row }] of this.#held) {
      if (row.resolvedAt !== null && now - row.resolvedAt > REOPEN_WITHIN_MS && !this.changes.has(id))
        this.#held.delete(id);
    }
  }

  #begin(group: readonly Trouble[], now: EpochMs): void {
    const [lead] = group;
    const held: Held = {
      row: newRow(
        this.#newId(),
        lead!,
        group.every(({ isSilenced }) => isSilenced),
        now,
      ),
      members: new Map(),
      facts: new Map(),
      joinedAt: now,
    };
    this.#held.set(held.row.id, held);
    for (const one of group) this.#add(held, one, now);
    this.#sumUp(held);
    const words = group.length === 1 ? lead!.reason : `${namesIn(group)}: ${lead!.reason}`;
    const number = this.#event(held, "opened", held.row.isSilenced ? `${words} (silenced)` : words, now);
    if (!held.row.isSilenced) this.#tell(held, "firing", number, now);
  }

  #join(held: Held, group: readonly Trouble[], now: EpochMs): void {
    const wasSilenced = held.row.isSilenced;
    const before = held.row.severity;
    for (const one of group) this.#add(held, one, now);
    held.joinedAt = now;
    this.#sumUp(held);
    held.row.isSilenced = wasSilenced && group.every(({ isSilenced }) => isSilenced);
    const number = this.#event(held, "joined", `${namesIn(group)}: ${group[0]!.reason}`, now);
    if (held.row.isSilenced) return;
    if (wasSilenced) this.#tell(held, "firing", number, now);
    else if (group.every(({ isSilenced }) => isSilenced)) return;
    else if (before !== held.row.severity) this.#tell(held, "worsened", number, now);
    else if (group.some(({ instanceId, subject }) => isNewMachine(held, instanceId ?? subject, now)))
      this.#tell(held, "members", number, now);
  }

  /** What was over comes back as the same incident. One that is not over yet is joined by whoever comes back. */
  #reopen(held: Held, group: readonly Trouble[], now: EpochMs): void {
    const { row } = held;
    if (row.state !== "resolved") return this.#join(held, group, now);
    for (const one of group) this.#add(held, one, now);
    held.joinedAt = now;
    this.#sumUp(held);
    Object.assign(row, {
      state: "open",
      resolvedAt: null,
      acknowledgedAt: null,
      acknowledgedBy: null,
      reason: group[0]!.reason,
    });
    row.reopened++;
    row.isSilenced = group.every(({ isSilenced }) => isSilenced);
    const number = this.#event(held, "reopened", `${namesIn(group)}: ${group[0]!.reason}`, now);
    if (!row.isSilenced) this.#tell(held, "reopened", number, now);
  }

  #add(held: Held, one: Trouble, now: EpochMs): void {
    const { ruleId, ruleName, subject, instanceId, name, severity, value, threshold, reason, facts } = one;
    const key = memberKey(ruleId, subject);
    held.members.set(key, {
      incidentId: held.row.id,
      ruleId,
      ruleName,
      subject,
      instanceId,
      name,
      severity,
      openedAt: now,
      resolvedAt: null,
      value,
      threshold,
      reason,
    });
    held.facts.set(key, facts);
    this.#open.set(key, held);
    this.changes.of(held.row.id).members.add(key);
    if (held.row.place !== one.place) held.row.place = null;
  }

  /** What the row says of all who belong to it, once they have been added. */
  #sumUp(held: Held): void {
    const { row, members, facts } = held;
    row.members = members.size;
    row.openMembers = openOf(held).length;
    row.severity = worstOf(held);
    row.tags = [...new Set([...row.tags, ...[...facts.values()].flatMap(({ tags }) => tags)])].sort();
    const all = [...members.values()];
    const lead = all.find(({ ruleId, subject }) => ruleId === row.ruleId && subject === row.subject) ?? all[0]!;
    row.title = titleOf({
      kind: row.kind,
      ruleName: row.ruleName,
      severity: row.severity,
      place: row.place,
      members: [lead, ...all.filter((one) => one !== lead)],
    });
  }

  #setMember(held: Held, key: string, change: Partial<IncidentMemberRow>): void {
    const member = held.members.get(key);
    if (!member) return;
    held.members.set(key, { ...member, ...change });
    this.changes.of(held.row.id).members.add(key);
  }

  #touch(held: Held, now: EpochMs): void {
    held.row.updatedAt = now;
    this.changes.of(held.row.id);
  }

  #event(held: Held, kind: IncidentEventKind, words: string, now: EpochMs, actor: string | null = null): number {
    const { row } = held;
    row.lastEvent++;
    row.updatedAt = now;
    const { id: incidentId, lastEvent: number, severity } = row;
    this.changes.of(held.row.id).events.push({ incidentId, number, at: now, kind, severity, actor, words });
    return number;
  }

  #tell(
    held: Held,
    kind: Told["kind"],
    eventNumber: number,
    now: EpochMs,
    more: Pick<Told, "isForNextSteps"> = {},
  ): void {
    const { id: incidentId, state } = held.row;
    const message = messageOf(held, this.#metricOf(held.row), now);
    const isAcknowledged = state === "acknowledged";
    this.changes.of(incidentId).tales.push({ incidentId, eventNumber, kind, message, isAcknowledged, ...more });
  }

  /** Nobody is at it any more: those who were spared are to hear of it after all. */
  #tellNextSteps(held: Held, eventNumber: number, now: EpochMs): void {
    if (!held.row.isSilenced) this.#tell(held, "firing", eventNumber, now, { isForNextSteps: true });
  }

  #ofIncidents(news: readonly News[]): Map<Held, News[]> {
    const open = news.filter(({ ruleId, subject }) => this.isOpen(ruleId, subject));
    return Map.groupBy(open, ({ ruleId, subject }) => this.#open.get(memberKey(ruleId, subject))!);
  }
}
