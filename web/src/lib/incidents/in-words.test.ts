import { expect, test } from "vitest";
import { incidentEventSchema, type IncidentEvent } from "../../../../contract/incidents.ts";
import {
  doneInWords,
  eventInWords,
  membersInWords,
  notificationInWords,
  silenceHref,
  sinceInWords,
  stateInWords,
  subjectHref,
  waitingInWords,
} from "./in-words.ts";
import { incidentOf, resolvedOf } from "./testing.ts";

const MINUTE = 60_000;

test("an incident says how long it has been open, who has it in hand, and how often it came back", () => {
  const now = 1_000 + 90 * MINUTE;
  expect(stateInWords(incidentOf("a"), now)).toMatch(/^Open for 1 h 30 min, since /);
  const acknowledged = incidentOf("a", {
    state: "acknowledged",
    acknowledgedAt: now - 5 * MINUTE,
    acknowledgedBy: "Ada",
    reopened: 2,
  });
  expect(stateInWords(acknowledged, now)).toMatch(/, came back 2 times\. Acknowledged by Ada 5 min ago$/);
  expect(stateInWords(resolvedOf("a", 1_000 + 7 * MINUTE), now)).toMatch(/^Over since .*, lasted 7 min$/);
});

test("a cell tells when it began, or when it ended", () => {
  expect(sinceInWords(incidentOf("a"), 1_000 + 3 * MINUTE).text).toBe("3 min ago");
  const over = sinceInWords(resolvedOf("a", 1_000 + 2 * MINUTE), 1_000 + 3 * MINUTE);
  expect(over.text).toBe("1 min ago");
  expect(over.title).toMatch(/: 2 min$/);
});

test("members are told as a part of all only while some have recovered", () => {
  expect(membersInWords(incidentOf("a", { members: 1_400, openMembers: 1_400 }))).toBe("1,400");
  expect(membersInWords(incidentOf("a", { members: 14, openMembers: 3 }))).toBe("3 of 14");
  expect(membersInWords(resolvedOf("a", 5, { members: 14 }))).toBe("14");
});

const event = (over: Partial<IncidentEvent>): IncidentEvent =>
  incidentEventSchema.parse({
    number: 1,
    at: 0,
    kind: "opened",
    severity: "critical",
    actor: null,
    words: "",
    ...over,
  });

test.each([
  [{ words: "95 %, limit 90 %" }, "Opened", "95 %, limit 90 %"],
  [{ kind: "acknowledged", actor: "Ada" }, "Acknowledged by Ada", undefined],
  [{ kind: "unacknowledged", actor: "Ada" }, "Acknowledgement taken back by Ada", undefined],
  [{ kind: "noted", actor: "Ada", words: "disk ordered" }, "Note by Ada", "disk ordered"],
  [{ kind: "resolved", actor: "Ada" }, "Resolved by Ada", undefined],
  [{ kind: "resolved" }, "Resolved", undefined],
] satisfies [Partial<IncidentEvent>, string, string | undefined][])("%o reads well", (over, title, detail) => {
  expect(eventInWords(event(over))).toEqual({ title, detail });
});

test("a notification says where it stands", () => {
  const base = { createdAt: 0, sentAt: null, nextAt: null, attempts: 0 };
  const words = (over: Partial<Parameters<typeof notificationInWords>[0]>) =>
    notificationInWords({ state: "waiting", ...base, ...over }, 60_000);
  expect(words({})).toMatchObject({ text: "About to be sent", tone: "wait" });
  expect(words({ attempts: 2, nextAt: 180_000 }).text).toBe("Next attempt in 2 min");
  expect(words({ state: "sent", sentAt: 0, attempts: 3 })).toMatchObject({
    text: "Sent 1 min ago after 3 attempts",
    tone: "good",
  });
  expect(words({ state: "parked", attempts: 12 })).toMatchObject({
    text: "Could not be sent after 12 attempts",
    tone: "bad",
  });
});

test("what was done is said in the right number", () => {
  expect(doneInWords("acknowledge", 1)).toBe("1 incident was acknowledged.");
  expect(doneInWords("resolve", 1_200)).toBe("1,200 incidents were resolved.");
  expect(doneInWords("acknowledge", 0)).toMatch(/^Nothing had to be changed/);
});

test("what waits is told as far as there is any", () => {
  expect(waitingInWords(2, 1)).toBe("2 new, 1 over");
  expect(waitingInWords(0, 1)).toBe("1 over");
  expect(waitingInWords(0, 0)).toBe("");
});

test("a subject leads to its own page, and to a silence of it", () => {
  expect(subjectHref("web-1")).toBe("/instances/web-1");
  expect(subjectHref("check:7")).toBe("/checks/check%3A7");
  expect(silenceHref("check:7")).toBe("/alerts/silences?new&subject=check%3A7");
});
