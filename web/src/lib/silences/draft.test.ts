import { expect, test } from "vitest";
import { newSilenceSchema, type Silence } from "../../../../contract/silences.ts";
import { checked, endOf, FIELDS, momentTyped, newDraft, type SilenceDraft } from "./draft.ts";
import { nextInWords, phaseOf, whenInWords } from "./in-words.ts";
import { daysInWords, weeklyInWords } from "./weekly.ts";

const HOUR = 3_600_000;
const now = new Date(2026, 10, 24, 16, 9, 30).getTime();
const draft = (change: Partial<SilenceDraft> = {}): SilenceDraft => ({
  ...newDraft("web-1", now),
  reason: "Upgrade",
  ...change,
});

test.each([
  ["hour", now + HOUR],
  ["fourHours", now + 4 * HOUR],
  ["tomorrow", new Date(2026, 10, 25, 9).getTime()],
] as const)("%s begins with the press of the button and ends when it says", (length, to) => {
  expect(endOf(length, now)).toBe(to);
  const { sent, faults } = checked(draft({ length }), now);
  expect(faults.any).toBe(false);
  expect(newSilenceSchema.parse(sent)).toMatchObject({
    when: { kind: "once", from: now, to },
    scope: { subjects: ["web-1"] },
  });
});

test("what is entered is of the reader's own clock, and of the contract's shape", () => {
  const from = new Date(2026, 11, 1, 22, 0).getTime();
  const custom = draft({ length: "custom", from: momentTyped(from), to: "2026-12-02T06:30" });
  expect(custom.from).toBe("2026-12-01T22:00");
  expect(newSilenceSchema.parse(checked(custom, now).sent).when).toEqual({ kind: "once", from, to: from + 8.5 * HOUR });
  const weekly = draft({
    length: "weekly",
    weekly: { days: [7, 6], from: "02:00", to: "04:00", timeZone: "Europe/Berlin" },
  });
  expect(newSilenceSchema.parse(checked(weekly, now).sent).when).toEqual({
    kind: "weekly",
    days: [6, 7],
    from: "02:00",
    to: "04:00",
    timeZone: "Europe/Berlin",
    until: null,
  });
});

test.each<[Partial<SilenceDraft>, string]>([
  [{ reason: " " }, "reason"],
  [{ length: "custom", from: "" }, "when.from"],
  [{ length: "custom", to: "" }, "when.to"],
  [{ length: "custom", from: "2026-11-25T10:00", to: "2026-11-25T10:00" }, "when.to"],
  [{ length: "custom", from: "2026-11-20T10:00", to: "2026-11-21T10:00" }, "when.to"],
  [{ length: "weekly", until: "2026-11-01T10:00" }, "when.until"],
  [{ length: "weekly", weekly: { days: [], from: "02:00", to: "04:00", timeZone: "UTC" } }, "when.days"],
  [{ length: "weekly", weekly: { days: [1], from: "02:00", to: "04:00", timeZone: "Berlin" } }, "when.timeZone"],
  [{ length: "weekly", weekly: { days: [1], from: "", to: "04:00", timeZone: "UTC" } }, "when.from"],
])("%j is refused at %s", (change, field) => {
  const { faults } = checked(draft(change), now);
  expect(Object.keys({ ...faults.wrong, ...faults.missing })).toEqual([field]);
  expect(FIELDS).toContain(field);
});

test.each<[number[], string]>([
  [[1, 2, 3, 4, 5, 6, 7], "every day"],
  [[5, 1, 2, 3, 4], "Mon to Fri"],
  [[6, 7], "Sat and Sun"],
  [[1, 3, 5], "Mon, Wed and Fri"],
  [[2], "Tue"],
])("the days %j are %s", (days, words) => expect(daysInWords(days)).toBe(words));

test("a night says that it ends on the next day, and a zone that is not the reader's is named", () => {
  const night = { kind: "weekly", days: [6, 7], from: "22:00", to: "07:00", timeZone: "Europe/Berlin" } as const;
  expect(weeklyInWords({ ...night, days: [...night.days] }, "UTC")).toBe(
    "Sat and Sun, 22:00 to 07:00 on the next day, Europe/Berlin",
  );
  expect(weeklyInWords({ ...night, days: [...night.days], to: "23:00" }, "Europe/Berlin")).toBe(
    "Sat and Sun, 22:00 to 23:00",
  );
});

const silence = (change: Partial<Silence>): Silence => ({
  id: "s",
  reason: "Upgrade",
  ruleIds: [],
  createdBy: "Ada",
  createdAt: now,
  endedAt: null,
  scope: {
    tags: [],
    providers: [],
    regions: [],
    subjects: [],
  },
  when: {
    kind: "once",
    from: now,
    to: now + HOUR,
  },
  isActive: true,
  nextChangeAt: now + HOUR,
  ...change,
});

test("what is in force says when it ends, what is to come when it begins, and what is over since when", () => {
  expect(nextInWords(silence({}), now).text).toBe("Ends in 1 h");
  const coming = silence({ when: { kind: "once", from: now + HOUR, to: now + 2 * HOUR }, isActive: false });
  expect([phaseOf(coming, now), nextInWords(coming, now).text]).toEqual(["coming", "Begins in 1 h"]);
  const over = silence({ isActive: false, nextChangeAt: null });
  expect([phaseOf(over, now + 2 * HOUR), nextInWords(over, now + 2 * HOUR).text]).toEqual([
    "over",
    "Over since 24 Nov 2026, 17:09",
  ]);
  expect(nextInWords(silence({ isActive: false, nextChangeAt: null, endedAt: now }), now).text).toBe(
    "Ended early, 24 Nov 2026, 16:09",
  );
});

test("a silence that runs out between two answers of the server is shown as over, one that begins as in force", () => {
  expect(phaseOf(silence({}), now + HOUR)).toBe("over");
  const coming = silence({
    when: { kind: "once", from: now + HOUR, to: now + 2 * HOUR },
    isActive: false,
    nextChangeAt: now + HOUR,
  });
  expect(phaseOf(coming, now + HOUR)).toBe("active");
  expect(nextInWords(coming, now + HOUR).text).toBe("Ends in 1 h");
});

test("a day is not said twice", () => {
  expect(whenInWords(silence({}))).toBe("24 Nov 2026, 16:09 to 17:09");
  expect(whenInWords(silence({ when: { kind: "once", from: now, to: now + 24 * HOUR } }))).toBe(
    "24 Nov 2026, 16:09 to 25 Nov 2026, 16:09",
  );
});
