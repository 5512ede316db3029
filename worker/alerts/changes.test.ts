import { describe, expect, it } from "vitest";
import type { EpochMs } from "../../contract/units.ts";
import { MEMBERS_PER_WRITE_MAX, REOPEN_WITHIN_MS } from "../settings.ts";
import { IncidentBook } from "./book.ts";
import type { Changes } from "./changes.ts";
import type { Trouble } from "./held.ts";

const NOW: EpochMs = Date.UTC(2026, 5, 1, 14);

function book(): IncidentBook {
  let next = 1;
  return new IncidentBook(() => `incident-${next++}`);
}

function trouble(subject: string, over: Partial<Trouble> = {}): Trouble {
  return {
    ruleId: "down",
    ruleName: "Down",
    kind: "verdict",
    subject,
    instanceId: subject,
    name: subject,
    place: "Vultr ewr",
    at: NOW,
    severity: "critical",
    value: 2,
    threshold: 2,
    reason: "down",
    facts: { subject, instanceId: subject, tags: [], provider: null, region: null },
    isSilenced: false,
    ...over,
  };
}
const many = (count: number, of: string) => Array.from({ length: count }, (_, index) => `${of}-${index}`);
const resolve = (one: IncidentBook, subject: string, at: EpochMs) =>
  one.resolve([{ ...trouble(subject), severity: "critical", at }], at);
const ids = ({ incidents }: Changes) => incidents.map(({ id }) => id);

describe("one write", () => {
  it("has so many members at most, and the rest goes with the next", () => {
    const one = book();
    for (const place of ["ewr", "fra", "ams"])
      one.fire(
        many(MEMBERS_PER_WRITE_MAX / 2, place).map((subject) => trouble(subject, { place })),
        NOW,
      );
    const [first, second] = [one.changes.take(), one.changes.take()];
    expect(ids(first)).toEqual(["incident-1", "incident-2"]);
    expect(first.members).toHaveLength(MEMBERS_PER_WRITE_MAX);
    expect(ids(second)).toEqual(["incident-3"]);
    expect(one.changes.size).toBe(0);
  });

  it("has one incident whole, however many belong to it", () => {
    const one = book();
    one.fire(
      many(MEMBERS_PER_WRITE_MAX + 1, "i").map((subject) => trouble(subject)),
      NOW,
    );
    one.fire([trouble("other", { place: "fra" })], NOW);
    const first = one.changes.take();
    expect(ids(first)).toEqual(["incident-1"]);
    expect(first.members).toHaveLength(MEMBERS_PER_WRITE_MAX + 1);
    expect(ids(one.changes.take())).toEqual(["incident-2"]);
  });
});

describe("what is being written", () => {
  it("is not forgotten until it is, and can be put back until then", () => {
    const one = book();
    one.fire([trouble("a")], NOW);
    one.changes.written(one.changes.take());
    resolve(one, "a", NOW);
    const inFlight = one.changes.take();
    const later = NOW + REOPEN_WITHIN_MS + 1;
    one.forgetOld(later);
    expect(one.changes.has("incident-1")).toBe(true);
    one.changes.putBack(inFlight);
    one.fire([trouble("b", { place: "fra" })], later);
    const again = one.changes.take();
    expect(ids(again)).toEqual(["incident-1", "incident-2"]);
    expect(again.events.map(({ kind }) => kind)).toEqual(["resolved", "opened"]);
    one.changes.written(again);
    one.forgetOld(later);
    expect(one.row("incident-1")).toBeUndefined();
  });

  it("does not come back once the database has said otherwise", () => {
    const one = book();
    one.fire([trouble("a")], NOW);
    const inFlight = one.changes.take();
    one.replace(new Set(["incident-1"]), [], []);
    one.changes.putBack(inFlight);
    expect(one.isOpen("down", "a")).toBe(false);
    expect(one.changes.size).toBe(0);
  });
});

it("an incident that is not held any more keeps no other from being written", () => {
  const one = book();
  one.fire([trouble("a")], NOW);
  one.changes.of("of nobody").isHushed = true;
  const changes = one.changes.take();
  expect(ids(changes)).toEqual(["incident-1"]);
  expect(changes.hushed).toEqual([]);
  expect(one.changes.size).toBe(0);
});

describe("what is to be told of an incident that grows for long", () => {
  const grown = () => {
    const one = book();
    for (let index = 0; index < 200; index++) one.fire([trouble(`i-${index}`)], NOW + index);
    return one;
  };

  it("is about all who belong to it when it is taken, in one list for all that is told", () => {
    const one = grown();
    const { tales } = one.changes.take();
    expect(tales).toHaveLength(200);
    expect(new Set(tales.map(({ facts }) => facts)).size).toBe(1);
    expect(tales[0]!.facts).toHaveLength(200);
  });

  it("holds nobody while it waits, before a write and after one that failed", () => {
    const one = grown();
    const waiting = () => one.changes.of("incident-1").tales.filter((tale) => "facts" in tale);
    expect(waiting()).toEqual([]);
    one.changes.putBack(one.changes.take());
    expect(one.changes.of("incident-1").tales).toHaveLength(200);
    expect(waiting()).toEqual([]);
  });
});
