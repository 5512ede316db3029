import type { Told } from "../notify/outbox.ts";
import { INCIDENTS_PER_WRITE_MAX, MEMBERS_PER_WRITE_MAX } from "../settings.ts";
import type { IncidentEventRow, IncidentMemberRow, IncidentRow } from "./table.ts";

/** What is to be written, in one transaction. */
export interface Changes {
  incidents: IncidentRow[];
  members: IncidentMemberRow[];
  events: IncidentEventRow[];
  tales: Told[];
  /** Incidents that somebody has acknowledged, or that are silenced: nobody is to be reminded of them. */
  hushed: string[];
}

/** As it was; whom it is about is looked up when it is taken: each holding all the members of its incident would fill the memory. */
type Tale = Omit<Told, "facts">;

interface Change {
  members: Set<string>;
  events: IncidentEventRow[];
  tales: Tale[];
  isHushed: boolean;
}

/** Where the rows themselves are. */
interface Source {
  /** Undefined where it is not held any more. */
  row(id: string): IncidentRow | undefined;
  member(id: string, key: string): IncidentMemberRow | undefined;
  keyOf(member: IncidentMemberRow): string;
  /** Of whoever belongs to it. */
  facts(id: string): Told["facts"];
}

/** What has changed of the incidents in memory and is not in the database yet. */
export class Pending {
  readonly #source: Source;
  #changes = new Map<string, Change>();
  /** Taken, and neither written nor put back: these are not to be forgotten meanwhile. */
  readonly #inFlight = new Set<string>();

  constructor(source: Source) {
    this.#source = source;
  }

  has(id: string): boolean {
    return this.#changes.has(id) || this.#inFlight.has(id);
  }

  get size(): number {
    return this.#changes.size;
  }

  of(id: string): Change {
    let change = this.#changes.get(id);
    if (!change) this.#changes.set(id, (change = { members: new Set(), events: [], tales: [], isHushed: false }));
    return change;
  }

  clear(): void {
    this.#changes.clear();
    this.#inFlight.clear();
  }

  /** What the database knows better. */
  drop(id: string): void {
    this.#changes.delete(id);
    this.#inFlight.delete(id);
  }

  /** As it is now, of some incidents at a time; `written` or `putBack` says what has become of it. */
  take(): Changes {
    const taken: Changes = { incidents: [], members: [], events: [], tales: [], hushed: [] };
    for (const [id, { members, events, tales, isHushed }] of this.#changes) {
      const isFull = taken.members.length + members.size > MEMBERS_PER_WRITE_MAX;
      if (taken.incidents.length > 0 && (isFull || taken.incidents.length >= INCIDENTS_PER_WRITE_MAX)) break;
      this.#changes.delete(id);
      const row = this.#source.row(id);
      // Nothing is to be said of it, and all others are not to wait for it.
      if (!row) continue;
      taken.incidents.push({ ...row });
      for (const key of members) {
        const member = this.#source.member(id, key);
        if (member) taken.members.push({ ...member });
      }
      for (const event of events) taken.events.push(event);
      const facts = tales.length > 0 ? this.#source.facts(id) : [];
      for (const tale of tales) taken.tales.push({ ...tale, facts });
      if (isHushed) taken.hushed.push(id);
      this.#inFlight.add(id);
    }
    return taken;
  }

  written({ incidents }: Changes): void {
    for (const { id } of incidents) this.#inFlight.delete(id);
  }

  /** It waits again, before what has come since; but for what the database has turned out to know better. */
  putBack({ incidents, members, events, tales, hushed }: Changes): void {
    const [membersOf, eventsOf, talesOf] = [byIncident(members), byIncident(events), byIncident(tales)];
    for (const { id } of incidents) {
      if (!this.#inFlight.delete(id)) continue;
      const change = this.of(id);
      for (const one of membersOf.get(id) ?? []) change.members.add(this.#source.keyOf(one));
      change.events = [...(eventsOf.get(id) ?? []), ...change.events];
      change.tales = [...(talesOf.get(id) ?? []).map(withoutFacts), ...change.tales];
      change.isHushed ||= hushed.includes(id);
    }
  }
}

function withoutFacts(told: Told): Tale {
  const tale: Tale & Partial<Told> = { ...told };
  delete tale.facts;
  return tale;
}

function byIncident<One extends { incidentId: string }>(all: readonly One[]): Map<string, One[]> {
  return Map.groupBy(all, ({ incidentId }) => incidentId);
}
