import { describe, expect, it } from "vitest";
import type { NewSilence, Recurring } from "../../contract/silences.ts";
import { isActive, nextChangeAt, quietUntil } from "./windows.ts";

const DAY = 86_400_000;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const [MONDAY, FRIDAY, SATURDAY, SUNDAY] = [1, 5, 6, 7];

const utc = (time: string) => Date.parse(`${time}Z`);
const shown = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 16));
const weekly = (days: number[], from: string, to: string, timeZone = "UTC"): Recurring => {
  return { kind: "weekly", days, from, to, timeZone };
};
const silence = (hours: Recurring, until: string | null = null): NewSilence["when"] => {
  return { ...hours, kind: "weekly", until: until === null ? null : utc(until) };
};

/** The windows from a moment on, as what asks again at every change sees them. */
function spansFrom(when: NewSilence["when"], start: string, count = 1): string[] {
  const spans: string[] = [];
  let at: number | null = utc(start);
  while (at !== null && spans.length < count) {
    if (!isActive(when, at)) at = nextChangeAt(when, at);
    if (at === null) break;
    const end = nextChangeAt(when, at);
    spans.push(`${shown(at)} - ${shown(end)}`);
    at = end;
  }
  return spans;
}

describe("a window that is once", () => {
  const when: NewSilence["when"] = { kind: "once", from: utc("2026-06-01T10:00"), to: utc("2026-06-01T12:00") };

  it.each([
    ["2026-06-01T09:59", false, "2026-06-01T10:00"],
    ["2026-06-01T10:00", true, "2026-06-01T12:00"],
    ["2026-06-01T11:59", true, "2026-06-01T12:00"],
    ["2026-06-01T12:00", false, null],
    ["2027-06-01T12:00", false, null],
  ])("at %s holds: %s, changes next at %s", (at, holds, change) => {
    expect(isActive(when, utc(at))).toBe(holds);
    expect(shown(nextChangeAt(when, utc(at)))).toBe(change);
  });
});

describe("a weekly window", () => {
  // 1 June 2026 is a Monday.
  it("holds on its days from its beginning until its end", () => {
    const when = silence(weekly([MONDAY, FRIDAY], "09:00", "17:30"));
    expect(spansFrom(when, "2026-05-31T00:00", 3)).toEqual([
      "2026-06-01T09:00 - 2026-06-01T17:30",
      "2026-06-05T09:00 - 2026-06-05T17:30",
      "2026-06-08T09:00 - 2026-06-08T17:30",
    ]);
    expect(isActive(when, utc("2026-06-01T17:30"))).toBe(false);
    expect(isActive(when, utc("2026-06-02T12:00"))).toBe(false);
  });

  it("that ends before it begins ends on the next day, which need not be one of its own", () => {
    const when = silence(weekly([SUNDAY], "22:00", "06:00", "Europe/Berlin"));
    expect(spansFrom(when, "2026-06-01T12:00", 2)).toEqual([
      "2026-06-07T20:00 - 2026-06-08T04:00",
      "2026-06-14T20:00 - 2026-06-15T04:00",
    ]);
    expect(isActive(when, utc("2026-06-08T03:59"))).toBe(true);
    expect(isActive(when, utc("2026-06-07T04:00"))).toBe(false);
  });

  it("that ends when it begins holds for a whole day", () => {
    expect(spansFrom(silence(weekly([MONDAY], "06:00", "06:00")), "2026-06-01T00:00")).toEqual([
      "2026-06-01T06:00 - 2026-06-02T06:00",
    ]);
  });

  it("goes on without a change where one follows the other at once", () => {
    const weekend = silence(weekly([SATURDAY, SUNDAY], "00:00", "00:00"));
    expect(spansFrom(weekend, "2026-06-01T00:00", 2)).toEqual([
      "2026-06-06T00:00 - 2026-06-08T00:00",
      "2026-06-13T00:00 - 2026-06-15T00:00",
    ]);
    const overSunday = silence(weekly([SUNDAY, MONDAY], "12:00", "12:00"));
    expect(spansFrom(overSunday, "2026-06-08T06:00", 2)[0]).toBe("2026-06-08T06:00 - 2026-06-09T12:00");
  });

  it("with one day's pause in a week has just that", () => {
    const when = silence(weekly([1, 2, 3, 4, 5, 6], "00:00", "00:00"));
    expect(spansFrom(when, "2026-06-01T00:00", 2)).toEqual([
      "2026-06-01T00:00 - 2026-06-07T00:00",
      "2026-06-08T00:00 - 2026-06-14T00:00",
    ]);
  });

  it("that holds always never changes", () => {
    const when = silence(weekly(EVERY_DAY, "07:00", "07:00", "Europe/Berlin"));
    for (const at of ["2026-06-01T00:00", "2026-03-29T01:00", "2026-10-25T01:30"]) {
      expect(isActive(when, utc(at))).toBe(true);
      expect(nextChangeAt(when, utc(at))).toBeNull();
    }
  });

  it("ends when it is over for good, and does not begin again", () => {
    const hours = weekly([MONDAY], "09:00", "17:00");
    expect(spansFrom(silence(hours, "2026-06-08T12:00"), "2026-06-01T00:00", 5)).toEqual([
      "2026-06-01T09:00 - 2026-06-01T17:00",
      "2026-06-08T09:00 - 2026-06-08T12:00",
    ]);
    const over = silence(hours, "2026-06-08T09:00");
    expect(spansFrom(over, "2026-06-01T00:00", 5)).toHaveLength(1);
    expect(nextChangeAt(over, utc("2026-06-01T17:00"))).toBeNull();
    const always = silence(weekly(EVERY_DAY, "00:00", "00:00"), "2026-06-08T12:00");
    expect(shown(nextChangeAt(always, utc("2026-06-01T00:00")))).toBe("2026-06-08T12:00");
    expect(isActive(always, utc("2026-06-08T12:00"))).toBe(false);
  });
});

describe("where the clock jumps", () => {
  type Jump = [says: string, timeZone: string, from: string, to: string, day: string, span: string];
  const JUMPS: Jump[] = [
    [
      "in the left-out hour begins with the jump",
      "Europe/Berlin",
      "02:30",
      "04:00",
      "2026-03-28",
      "2026-03-29T01:00 - 2026-03-29T02:00",
    ],
    [
      "that ends in the left-out hour ends with the jump",
      "Europe/Berlin",
      "01:00",
      "02:30",
      "2026-03-28",
      "2026-03-29T00:00 - 2026-03-29T01:00",
    ],
    [
      "about the left-out hour is an hour shorter",
      "Europe/Berlin",
      "01:00",
      "04:00",
      "2026-03-28",
      "2026-03-29T00:00 - 2026-03-29T02:00",
    ],
    [
      "within the left-out hour waits for another week",
      "Europe/Berlin",
      "02:15",
      "02:45",
      "2026-03-28",
      "2026-04-05T00:15 - 2026-04-05T00:45",
    ],
    [
      "that is the left-out hour waits for another week",
      "Europe/Berlin",
      "02:00",
      "03:00",
      "2026-03-28",
      "2026-04-05T00:00 - 2026-04-05T01:00",
    ],
    [
      "within the double hour lasts from the first to the second",
      "Europe/Berlin",
      "02:30",
      "02:45",
      "2026-10-24",
      "2026-10-25T00:30 - 2026-10-25T01:45",
    ],
    [
      "that ends in the double hour ends with the second",
      "Europe/Berlin",
      "01:00",
      "02:30",
      "2026-10-24",
      "2026-10-24T23:00 - 2026-10-25T01:30",
    ],
    [
      "that begins in the double hour begins with the first",
      "Europe/Berlin",
      "02:30",
      "04:00",
      "2026-10-24",
      "2026-10-25T00:30 - 2026-10-25T03:00",
    ],
    [
      "that ends before the double hour is as ever",
      "Europe/Berlin",
      "01:00",
      "02:00",
      "2026-10-24",
      "2026-10-24T23:00 - 2026-10-25T00:00",
    ],
    [
      "that begins after the double hour is as ever",
      "Europe/Berlin",
      "03:00",
      "04:00",
      "2026-10-24",
      "2026-10-25T02:00 - 2026-10-25T03:00",
    ],
    [
      "about the left-out hour is an hour shorter",
      "America/New_York",
      "00:00",
      "06:00",
      "2026-03-07",
      "2026-03-08T05:00 - 2026-03-08T10:00",
    ],
    [
      "within the left-out hour waits for another week",
      "America/New_York",
      "02:10",
      "02:50",
      "2026-03-07",
      "2026-03-15T06:10 - 2026-03-15T06:50",
    ],
    [
      "about the double hour is an hour longer",
      "America/New_York",
      "00:00",
      "06:00",
      "2026-10-31",
      "2026-11-01T04:00 - 2026-11-01T11:00",
    ],
    [
      "within the double hour lasts from the first to the second",
      "America/New_York",
      "01:15",
      "01:30",
      "2026-10-31",
      "2026-11-01T05:15 - 2026-11-01T06:30",
    ],
    [
      "within the double half hour lasts from the first to the second",
      "Australia/Lord_Howe",
      "01:35",
      "01:40",
      "2026-04-04",
      "2026-04-04T14:35 - 2026-04-04T15:10",
    ],
    [
      "about the left-out half hour is half an hour shorter",
      "Australia/Lord_Howe",
      "01:00",
      "03:00",
      "2026-10-03",
      "2026-10-03T14:30 - 2026-10-03T16:00",
    ],
    [
      "within the left-out half hour waits for another week",
      "Australia/Lord_Howe",
      "02:05",
      "02:25",
      "2026-10-03",
      "2026-10-10T15:05 - 2026-10-10T15:25",
    ],
  ];

  it.each(JUMPS)("a window %s (%s, %s to %s)", (_, timeZone, from, to, day, span) => {
    expect(spansFrom(silence(weekly([SUNDAY], from, to, timeZone)), `${day}T00:00`)).toEqual([span]);
  });

  it("a night keeps its times on the wall, though it is longer or shorter", () => {
    const night = silence(weekly([SATURDAY], "22:00", "07:00", "Europe/Berlin"));
    expect(spansFrom(night, "2026-03-27T00:00")).toEqual(["2026-03-28T21:00 - 2026-03-29T05:00"]);
    expect(spansFrom(night, "2026-10-23T00:00")).toEqual(["2026-10-24T20:00 - 2026-10-25T06:00"]);
  });
});

describe("quiet hours", () => {
  const nights = weekly(EVERY_DAY, "22:00", "07:00", "Europe/Berlin");

  it.each([
    ["2026-06-01T12:00", null],
    ["2026-06-01T19:59", null],
    ["2026-06-01T20:00", "2026-06-02T05:00"],
    ["2026-06-02T04:59", "2026-06-02T05:00"],
    ["2026-06-02T05:00", null],
    ["2026-03-28T23:00", "2026-03-29T05:00"],
    ["2026-10-24T23:00", "2026-10-25T06:00"],
  ])("at %s are quiet until %s", (at, until) => {
    expect(shown(quietUntil(nights, utc(at)))).toBe(until);
  });

  it("that never end are told a week at a time", () => {
    const now = utc("2026-06-01T12:00");
    expect(quietUntil(weekly(EVERY_DAY, "00:00", "00:00"), now)).toBe(now + 7 * DAY);
  });
});
