import { describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import type { EpochMs } from "../../contract/units.ts";
import { seeds } from "../testing/seeds.ts";
import { IncidentBook } from "./book.ts";
import type { Changes } from "./changes.ts";
import type { Told } from "../notify/outbox.ts";
import { memberKey, type News, type Trouble } from "./held.ts";
import type { IncidentEventRow, IncidentMemberRow, IncidentRow } from "./table.ts";

const STEPS = 400;
const START: EpochMs = Date.UTC(2026, 5, 1);
const RULES = ["down", "silent", "cpu", "disk"] as const;
const KINDS = { down: "verdict", silent: "silence", cpu: "metric", disk: "metric" } as const;
const INSTANCES = Array.from({ length: 12 }, (_, index) => `i-${index}`);

/** What a database would hold, with its refusals. */
class Stored {
  readonly incidents = new Map<string, IncidentRow>();
  readonly members = new Map<string, IncidentMemberRow>();
  readonly events = new Map<string, IncidentEventRow>();
  readonly tales: Told[] = [];

  write({ incidents, members, events, tales }: Changes): void {
    for (const event of events) {
      const key = `${event.incidentId} ${event.number}`;
      expect(this.events.has(key), `event ${key} is written twice`).toBe(false);
      this.events.set(key, event);
    }
    for (const row of incidents) this.incidents.set(row.id, structuredClone(row));
    for (const row of members) this.members.set(`${row.incidentId} ${memberKey(row.ruleId, row.subject)}`, row);
    this.tales.push(...tales);
  }

  openMembers(): string[] {
    return [...this.members.values()]
      .filter(({ resolvedAt }) => resolvedAt === null)
      .map(({ ruleId, subject }) => memberKey(ruleId, subject));
  }
}

describe.each(seeds(20))("whatever fires and recovers, seed %i", (seed) => {
  const chance = new Chance(seed);
  let ids = 0;
  const newBook = () => new IncidentBook(() => `incident-${++ids}`);
  let book = newBook();
  const stored = new Stored();
  const firing = new Map<string, { ruleId: string; subject: string }>();
  let now = START;
  let isSilenced = false;

  const placeOf = (subject: string) => {
    const index = INSTANCES.indexOf(subject);
    return index < 5 ? "Vultr ewr" : index < 8 ? "Vultr fra" : null;
  };
  const factsOf = (subject: string) => ({ subject, instanceId: subject, tags: [], provider: null, region: null });
  const troubleOf = (ruleId: (typeof RULES)[number], subject: string): Trouble => ({
    ruleId,
    ruleName: ruleId,
    kind: KINDS[ruleId],
    subject,
    instanceId: subject,
    name: subject,
    place: placeOf(subject),
    at: now,
    severity: chance.happens(0.5) ? "critical" : "warning",
    value: 1,
    threshold: 1,
    reason: "so it is",
    facts: factsOf(subject),
    isSilenced,
  });
  const newsOf = (key: { ruleId: string; subject: string }): News => ({
    ...key,
    at: now,
    severity: chance.happens(0.5) ? "critical" : "warning",
    value: 0,
    threshold: 1,
    reason: "well again",
  });

  const happenings: Record<string, () => void> = {
    fires() {
      const many = chance.happens(0.2) ? INSTANCES.length : 1 + chance.below(2);
      const troubles = chance
        .shuffled(INSTANCES)
        .slice(0, many)
        .map((subject) => troubleOf(chance.pick(RULES), subject));
      book.fire(troubles, now);
      for (const { ruleId, subject } of troubles) firing.set(memberKey(ruleId, subject), { ruleId, subject });
    },
    recovers() {
      const some = chance.shuffled([...firing.values()]).slice(0, 1 + chance.below(4));
      book.resolve(some.map(newsOf), now);
      for (const { ruleId, subject } of some) firing.delete(memberKey(ruleId, subject));
    },
    "changes how bad it is"() {
      book.changeSeverity(
        chance
          .shuffled([...firing.values()])
          .slice(0, 2)
          .map(newsOf),
        now,
      );
    },
    "a person acts"() {
      const row = chance.pick([...book.openRows(), undefined]);
      if (!row) return;
      const action = chance.pick(["acknowledge", "unacknowledge", "note", "resolve"] as const);
      const before = book.openMembers().filter(({ incidentId }) => incidentId === row.id);
      book.act(row.id, action, "Ada", chance.happens(0.5) ? "hm" : null, now);
      if (action === "resolve") for (const { ruleId, subject } of before) firing.delete(memberKey(ruleId, subject));
    },
    "a silence begins or ends"() {
      isSilenced = !isSilenced;
      book.silences(() => isSilenced, now);
    },
    "is written"() {
      const changes = book.changes.take();
      stored.write(changes);
      book.changes.written(changes);
    },
    "fails to be written"() {
      const changes = book.changes.take();
      // It took a while, in which old ones are forgotten.
      book.forgetOld((now += chance.below(20 * 60_000)));
      book.changes.putBack(changes);
    },
    "time passes"() {
      now += chance.below(20 * 60_000);
      book.forgetOld(now);
    },
    // What was not written is lost with the object: the rules are held against the next readings, and fire again.
    "begins again"() {
      book = newBook();
      const open = [...stored.incidents.values()];
      book.fill(structuredClone(open), structuredClone([...stored.members.values()]));
      book.knowFacts(({ subject }) => factsOf(subject));
      book.forgetOld(now);
      const wasOpen = new Set(stored.openMembers());
      const again = [...firing.values()].filter(({ ruleId, subject }) => !wasOpen.has(memberKey(ruleId, subject)));
      const gone = book.openMembers().filter(({ ruleId, subject }) => !firing.has(memberKey(ruleId, subject)));
      book.resolve(
        gone.map(({ ruleId, subject }) => newsOf({ ruleId, subject })),
        now,
      );
      book.fire(
        again.map(({ ruleId, subject }) => troubleOf(ruleId as (typeof RULES)[number], subject)),
        now,
      );
    },
  };

  it("no rule is open twice for a subject, every opening ends once, and what is told is in order", () => {
    for (let step = 0; step < STEPS; step++) {
      const name = chance.pick(Object.keys(happenings));
      now += chance.below(30_000);
      happenings[name]!();
      const open = book.openMembers().map(({ ruleId, subject }) => memberKey(ruleId, subject));
      expect(new Set(open).size, `${step}: ${name}: open twice`).toBe(open.length);
      expect(new Set(open), `${step}: ${name}: open iff it fires`).toEqual(new Set(firing.keys()));
      for (const row of book.openRows()) {
        const members = book.openMembers().filter(({ incidentId }) => incidentId === row.id);
        expect(row.openMembers, `${step}: ${name}: ${row.id}`).toBe(members.length);
        expect(members.length, `${step}: ${name}: ${row.id} is open with nobody`).toBeGreaterThan(0);
      }
      const openStored = stored.openMembers();
      expect(new Set(openStored).size, `${step}: ${name}: stored open twice`).toBe(openStored.length);
    }
    while (book.changes.size > 0) stored.write(book.changes.take());
    expect(new Set(stored.openMembers())).toEqual(new Set(firing.keys()));

    for (const { id, state, reopened } of stored.incidents.values()) {
      const events = [...stored.events.values()]
        .filter(({ incidentId }) => incidentId === id)
        .sort((a, b) => a.number - b.number);
      expect(
        events.map(({ number }) => number),
        `${id}: events without a gap`,
      ).toEqual(events.map((_, index) => index + 1));
      const turns = events.flatMap(({ kind }) =>
        kind === "opened" || kind === "reopened" ? "opens" : kind === "resolved" ? "ends" : [],
      );
      const expected = Array.from({ length: turns.length }, (_, index) => (index % 2 === 0 ? "opens" : "ends"));
      expect(turns, id).toEqual(expected);
      expect(turns.at(-1) === "ends").toBe(state === "resolved");
      expect(events.filter(({ kind }) => kind === "reopened")).toHaveLength(reopened);
      const tales = stored.tales.filter(({ incidentId }) => incidentId === id);
      const numbers = tales.map(({ eventNumber }) => eventNumber);
      expect(numbers, `${id}: told in order, once`).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }
  });
});
