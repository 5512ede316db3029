import { describe, expect, it } from "vitest";
import type { EpochMs } from "../../contract/units.ts";
import { FALL_TOGETHER_MS, REOPEN_WITHIN_MS, STORM_MEMBERS } from "../settings.ts";
import { IncidentBook } from "./book.ts";
import type { News, Trouble } from "./held.ts";

const NOW: EpochMs = Date.UTC(2026, 5, 1, 14);
const MINUTE = 60_000;

function book(): IncidentBook {
  let next = 1;
  return new IncidentBook(() => `incident-${next++}`);
}

function trouble(over: Partial<Trouble> = {}): Trouble {
  const subject = over.subject ?? "i-1";
  const instanceId = over.instanceId === undefined ? subject : over.instanceId;
  return {
    ruleId: "cpu",
    ruleName: "CPU busy",
    kind: "metric",
    subject,
    instanceId,
    name: subject,
    place: "Vultr ewr",
    at: NOW,
    severity: "warning",
    value: 0.8,
    threshold: 0.7,
    reason: "CPU busy 80 %",
    facts: { subject, instanceId, tags: ["web"], provider: "vultr", region: "ewr" },
    isSilenced: false,
    ...over,
  };
}
const down = (subject: string, over: Partial<Trouble> = {}) =>
  trouble({ ruleId: "down", ruleName: "Down", kind: "verdict", subject, severity: "critical", value: 2, ...over });
const news = (over: Partial<News> = {}): News => {
  const { ruleId, subject, at, severity, value, threshold, reason } = trouble();
  return { ruleId, subject, at, severity, value, threshold, reason, ...over };
};
const told = (changes: ReturnType<IncidentBook["changes"]["take"]>) => changes.tales.map(({ kind }) => kind);

describe("a rule that begins to fire", () => {
  it("opens one incident, with an event and something to tell", () => {
    const one = book();
    one.fire([trouble()], NOW);
    const changes = one.changes.take();
    expect(changes.incidents).toMatchObject([
      { id: "incident-1", title: "CPU busy: i-1", state: "open", severity: "warning", members: 1, lastEvent: 1 },
    ]);
    expect(changes.events).toMatchObject([{ incidentId: "incident-1", number: 1, kind: "opened" }]);
    expect(changes.tales).toMatchObject([{ incidentId: "incident-1", eventNumber: 1, kind: "firing" }]);
    expect(one.changes.size).toBe(0);
  });

  it("opens nothing where it is open already", () => {
    const one = book();
    one.fire([trouble()], NOW);
    one.changes.take();
    one.fire([trouble()], NOW + MINUTE);
    expect(one.changes.size).toBe(0);
  });

  it("is kept and not told under a silence, and told when the silence ends while it is still so", () => {
    const one = book();
    one.fire([trouble({ isSilenced: true })], NOW);
    expect(told(one.changes.take())).toEqual([]);
    one.silences(() => false, NOW + MINUTE);
    const changes = one.changes.take();
    expect(told(changes)).toEqual(["firing"]);
    expect(changes.events).toMatchObject([{ kind: "spoken" }]);
  });

  it("is never told where it was over before the silence ended", () => {
    const one = book();
    one.fire([trouble({ isSilenced: true })], NOW);
    one.resolve([news()], NOW + MINUTE);
    one.silences(() => false, NOW + 2 * MINUTE);
    expect(told(one.changes.take()).filter((kind) => kind !== "resolved")).toEqual([]);
  });

  it("is not told when it becomes critical under a silence", () => {
    const one = book();
    one.fire([trouble({ isSilenced: true })], NOW);
    one.changeSeverity([news({ severity: "critical" })], NOW + MINUTE);
    expect(told(one.changes.take())).toEqual([]);
  });

  it("is not told of a member that is silenced, where others are not", () => {
    const one = book();
    one.fire([down("a", { severity: "warning" })], NOW);
    one.changes.take();
    one.fire([down("b", { isSilenced: true })], NOW + MINUTE);
    const changes = one.changes.take();
    expect(changes.incidents).toMatchObject([{ isSilenced: false, members: 2 }]);
    expect(told(changes)).toEqual([]);
  });

  it("hushes what is open when a silence begins", () => {
    const one = book();
    one.fire([trouble()], NOW);
    one.changes.take();
    one.silences(() => true, NOW + MINUTE);
    expect(one.changes.take()).toMatchObject({ hushed: ["incident-1"], events: [{ kind: "silenced" }], tales: [] });
  });
});

describe("what falls together", () => {
  it("at one place is one incident, named by the place", () => {
    const one = book();
    one.fire(
      ["a", "b", "c"].map((name) => down(name)),
      NOW,
    );
    const { incidents, members } = one.changes.take();
    expect(incidents).toMatchObject([{ title: "3 instances in Vultr ewr are down", members: 3, openMembers: 3 }]);
    expect(members).toHaveLength(3);
  });

  it("at two places is two", () => {
    const one = book();
    one.fire([down("a"), down("b", { place: "AWS eu-west-1" })], NOW);
    expect(one.changes.take().incidents).toHaveLength(2);
  });

  it("a little later joins, and is told as more of the same", () => {
    const one = book();
    one.fire([down("a")], NOW);
    one.changes.take();
    one.fire([down("b")], NOW + MINUTE);
    const changes = one.changes.take();
    expect(changes.incidents).toMatchObject([{ id: "incident-1", members: 2 }]);
    expect(told(changes)).toEqual(["members"]);
  });

  it("long after is another one", () => {
    const one = book();
    one.fire([down("a")], NOW);
    const later = NOW + FALL_TOGETHER_MS + 1;
    one.fire([down("b", { at: later })], later);
    expect(one.openRows()).toHaveLength(2);
  });

  it("is no news where the machine was known to be down: its check and its agent join in silence", () => {
    const one = book();
    one.fire([down("a")], NOW);
    one.changes.take();
    const ofAgent = trouble({ ruleId: "silent", kind: "silence", subject: "a", severity: "critical" });
    const ofCheck = down("check:1", { ruleId: "check-down", instanceId: "a" });
    one.fire([ofAgent, ofCheck], NOW + MINUTE);
    const changes = one.changes.take();
    expect(changes.incidents).toMatchObject([{ id: "incident-1", members: 3, title: "a is down" }]);
    expect(told(changes)).toEqual([]);
  });

  it("where no place is known is one as well, from five of them on", () => {
    const one = book();
    const names = Array.from({ length: STORM_MEMBERS }, (_, index) => `m-${index}`);
    one.fire(
      names.slice(1).map((name) => down(name, { place: null })),
      NOW,
    );
    expect(one.openRows()).toHaveLength(STORM_MEMBERS - 1);
    const other = book();
    other.fire(
      names.map((name) => down(name, { place: null })),
      NOW,
    );
    expect(other.openRows()).toMatchObject([{ title: `${STORM_MEMBERS} instances are down` }]);
  });

  it("does not gather values: each machine's full disk is its own", () => {
    const one = book();
    one.fire([trouble({ subject: "a" }), trouble({ subject: "b" })], NOW);
    expect(one.openRows()).toHaveLength(2);
  });
});

describe("what gets worse or better", () => {
  it("is told when it becomes critical, and not when it eases", () => {
    const one = book();
    one.fire([trouble()], NOW);
    one.changes.take();
    one.changeSeverity([news({ severity: "critical", value: 0.95 })], NOW + MINUTE);
    const worse = one.changes.take();
    expect(worse.incidents).toMatchObject([{ severity: "critical" }]);
    expect(told(worse)).toEqual(["worsened"]);
    one.changeSeverity([news({ severity: "warning" })], NOW + 2 * MINUTE);
    expect(told(one.changes.take())).toEqual([]);
  });

  it("is resolved when the last of its members is well", () => {
    const one = book();
    one.fire([down("a"), down("b")], NOW);
    one.changes.take();
    one.resolve([news({ ruleId: "down", subject: "a" })], NOW + MINUTE);
    expect(one.changes.take()).toMatchObject({ incidents: [{ state: "open", openMembers: 1 }], tales: [] });
    one.resolve([news({ ruleId: "down", subject: "b" })], NOW + 2 * MINUTE);
    const changes = one.changes.take();
    expect(changes.incidents).toMatchObject([{ state: "resolved", resolvedAt: NOW + 2 * MINUTE, openMembers: 0 }]);
    expect(told(changes)).toEqual(["resolved"]);
  });

  it("that comes back soon is the same incident, reopened; later it is a new one", () => {
    const one = book();
    one.fire([trouble()], NOW);
    one.resolve([news()], NOW + MINUTE);
    one.changes.take();
    one.fire([trouble()], NOW + MINUTE + REOPEN_WITHIN_MS);
    const again = one.changes.take();
    expect(again.incidents).toMatchObject([{ id: "incident-1", state: "open", reopened: 1, resolvedAt: null }]);
    expect(told(again)).toEqual(["reopened"]);
    one.resolve([news()], NOW + 20 * MINUTE);
    one.changes.take();
    one.forgetOld(NOW + 20 * MINUTE + REOPEN_WITHIN_MS + 1);
    one.fire([trouble()], NOW + 20 * MINUTE + REOPEN_WITHIN_MS + 1);
    expect(one.changes.take().incidents).toMatchObject([{ id: "incident-2" }]);
  });
});

describe("a member that comes back while others are open", () => {
  it("is told where it makes the incident critical", () => {
    const one = book();
    one.fire([down("a", { severity: "warning" }), down("b", { severity: "warning" })], NOW);
    one.resolve([news({ ruleId: "down", subject: "b" })], NOW + MINUTE);
    one.changes.take();
    one.fire([down("b")], NOW + 5 * MINUTE);
    const changes = one.changes.take();
    expect(changes.incidents).toMatchObject([{ severity: "critical", openMembers: 2, reopened: 0 }]);
    expect(told(changes)).toEqual(["worsened"]);
  });

  it("ends the silence of an incident that was silenced as a whole", () => {
    const one = book();
    one.fire([down("a", { isSilenced: true }), down("b", { isSilenced: true })], NOW);
    one.resolve([news({ ruleId: "down", subject: "b" })], NOW + MINUTE);
    one.changes.take();
    one.fire([down("b")], NOW + 5 * MINUTE);
    expect(told(one.changes.take())).toEqual(["firing"]);
  });
});

describe("what a person does", () => {
  it("is known to whoever tells: what is acknowledged is not for the next steps, and is again when that is taken back", () => {
    const one = book();
    one.fire([trouble()], NOW);
    one.act("incident-1", "acknowledge", "Ada", null, NOW + 1);
    one.changes.take();
    one.changeSeverity([news({ severity: "critical" })], NOW + MINUTE);
    expect(one.changes.take().tales).toMatchObject([{ kind: "worsened", isAcknowledged: true }]);
    one.act("incident-1", "unacknowledge", "Ada", null, NOW + 2 * MINUTE);
    expect(one.changes.take().tales).toMatchObject([{ kind: "firing", isForNextSteps: true, isAcknowledged: false }]);
  });

  it("is an event with their name; who acknowledges is not reminded", () => {
    const one = book();
    one.fire([trouble()], NOW);
    one.changes.take();
    expect(one.act("incident-1", "acknowledge", "Ada", "on it", NOW + 1)).toBe(true);
    expect(one.changes.take()).toMatchObject({
      incidents: [{ state: "acknowledged", acknowledgedBy: "Ada" }],
      events: [{ kind: "acknowledged", actor: "Ada", words: "on it" }],
      hushed: ["incident-1"],
    });
    expect(one.act("incident-1", "acknowledge", "Ada", null, NOW + 2)).toBe(false);
    expect(one.act("incident-1", "unacknowledge", "Ada", null, NOW + 3)).toBe(true);
    expect(one.row("incident-1")?.state).toBe("open");
  });

  it("resolves all members, and tells it", () => {
    const one = book();
    one.fire([down("a"), down("b")], NOW);
    one.changes.take();
    one.act("incident-1", "resolve", "Ada", null, NOW + 1);
    const changes = one.changes.take();
    expect(changes.members.every(({ resolvedAt }) => resolvedAt === NOW + 1)).toBe(true);
    expect(told(changes)).toEqual(["resolved"]);
    expect(one.openMembers()).toEqual([]);
  });

  it("changes nothing of what is over or unknown", () => {
    const one = book();
    expect(one.act("incident-9", "note", "Ada", "hm", NOW)).toBe(false);
    one.fire([trouble()], NOW);
    one.resolve([news()], NOW);
    one.changes.take();
    expect(one.act("incident-1", "acknowledge", "Ada", null, NOW)).toBe(false);
    expect(one.changes.size).toBe(0);
  });
});

describe("a write that failed", () => {
  it("is put back, in order, before what has come since", () => {
    const one = book();
    one.fire([trouble()], NOW);
    const failed = one.changes.take();
    one.changeSeverity([news({ severity: "critical" })], NOW + 1);
    one.changes.putBack(failed);
    const changes = one.changes.take();
    expect(changes.events.map(({ number }) => number)).toEqual([1, 2]);
    expect(told(changes)).toEqual(["firing", "worsened"]);
    expect(changes.incidents).toHaveLength(1);
  });
});

describe("a book that is filled again", () => {
  it("goes on where the database stands", () => {
    const one = book();
    one.fire([down("a"), down("b")], NOW);
    const { incidents, members } = one.changes.take();
    const again = book();
    again.fill(incidents, members);
    again.knowFacts(({ subject, instanceId }, { tags }) => ({
      subject,
      instanceId,
      tags,
      provider: null,
      region: null,
    }));
    expect(again.isOpen("down", "a")).toBe(true);
    again.resolve([news({ ruleId: "down", subject: "a" }), news({ ruleId: "down", subject: "b" })], NOW + MINUTE);
    const changes = again.changes.take();
    expect(changes.events).toMatchObject([{ number: 2, kind: "resolved" }]);
    expect(changes.tales[0]!.facts).toHaveLength(2);
  });

  it("tells of its members by what is known of them now, each time it is told", () => {
    const one = book();
    one.fire([trouble()], NOW);
    const tagged = (tag: string) =>
      one.knowFacts(({ subject, instanceId }) => ({ subject, instanceId, tags: [tag], provider: null, region: null }));
    tagged("old");
    tagged("new");
    expect(one.changes.take().tales[0]!.facts).toMatchObject([{ tags: ["new"] }]);
  });
});

describe("what tells of a machine that is in an incident already", () => {
  it.each([
    ["a", "b"],
    ["b", "a"],
  ])("joins that one, and another in the same moment does not: %s first, then %s", (...order) => {
    const one = book();
    one.fire([down("a")], NOW);
    const later = NOW + 60 * MINUTE;
    const silent = (subject: string) =>
      trouble({ ruleId: "silent", kind: "silence", subject, at: later, severity: "critical" });
    one.fire(order.map(silent), later);
    const of = (subject: string) =>
      one.openMembers().flatMap((member) => (member.subject === subject ? member.incidentId : []));
    expect(new Set(of("a"))).toEqual(new Set(["incident-1"]));
    expect(of("b")).toEqual(["incident-2"]);
  });
});

describe("incidents that the database knows better", () => {
  it("take its word, and all others keep what waits to be written", () => {
    const one = book();
    one.fire([trouble({ subject: "a" }), trouble({ subject: "b" })], NOW);
    const { incidents, members } = one.changes.take();
    one.changeSeverity(
      ["a", "b"].map((subject) => news({ subject, severity: "critical" })),
      NOW + 1,
    );
    const ofA = ({ subject }: { subject: string }) => subject === "a";
    one.replace(new Set(["incident-1"]), structuredClone(incidents.filter(ofA)), structuredClone(members.filter(ofA)));
    expect(one.row("incident-1")).toMatchObject({ severity: "warning", lastEvent: 1 });
    expect(one.changes.take().events).toMatchObject([{ incidentId: "incident-2", kind: "worsened" }]);
  });
});
