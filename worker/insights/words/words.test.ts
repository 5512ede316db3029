import { describe, expect, test } from "vitest";
import { lengthInWords, untilInWords } from "./duration.ts";
import { nounOf, vesselOf } from "./metric-noun.ts";
import { clockInWords, momentInWords, windowInWords } from "./moment.ts";
import { countOf, namesInWords, possessive } from "./names.ts";
import { moneyInWords, percentInWords, quantityInWords, readingInWords, timesInWords } from "./quantity.ts";
import { recurringTimeInWords } from "./recurring-time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SUNDAY = Date.UTC(2026, 10, 29, 14);

describe("a length of time", () => {
  test.each([
    [-5, "less than a minute"],
    [20_000, "less than a minute"],
    [40 * MINUTE, "40 min"],
    [90 * MINUTE, "1 h 30 min"],
    [8 * HOUR + 20 * MINUTE, "8 h"],
    [23.7 * HOUR, "1 d"],
    [76 * HOUR, "3 d 4 h"],
    [24.2 * DAY, "24 d"],
  ])("of %d ms is %s", (ms, words) => expect(lengthInWords(ms)).toBe(words));
});

describe("how long it is until then", () => {
  test("is told with half of its interval", () =>
    expect(untilInWords(76 * HOUR, 68 * HOUR, 84 * HOUR)).toBe("in 3 d 4 h, give or take 8 h"));
  test("is told with the larger half where the two differ", () =>
    expect(untilInWords(76 * HOUR, 70 * HOUR, 86 * HOUR)).toBe("in 3 d 4 h, give or take 10 h"));
  test("says only the near end where the far one is open", () =>
    expect(untilInWords(76 * HOUR, 48 * HOUR, null)).toBe("in 3 d 4 h, at the earliest in 2 d"));
  test("says both ends where the interval is as wide as itself", () =>
    expect(untilInWords(4 * DAY, 2 * DAY, 9 * DAY)).toBe("in 4 d, between 2 d and 9 d"));
  test("says only the far end where the near one is now", () =>
    expect(untilInWords(4 * DAY, 0, 9 * DAY)).toBe("in 4 d, at the latest in 9 d"));
  test("needs no interval where there is none", () => expect(untilInWords(0, 0, 0)).toBe("in less than a minute"));
});

describe("a moment", () => {
  test("is a weekday, a date and a time of UTC", () =>
    expect(momentInWords(SUNDAY, SUNDAY)).toBe("Sunday, 29 Nov, 14:00 UTC"));
  test("of another year says so", () =>
    expect(momentInWords(Date.UTC(2027, 0, 3, 9, 5), SUNDAY)).toBe("Sunday, 3 Jan 2027, 09:05 UTC"));
  test("as a time of day is told of any number", () => expect(clockInWords(-HOUR)).toBe("23:00"));
  test("that lasts ends on its own day, or says on which", () => {
    expect(windowInWords(SUNDAY, SUNDAY + HOUR)).toBe("Sunday, 29 Nov, 14:00 to 15:00 UTC");
    expect(windowInWords(SUNDAY, SUNDAY + 12 * HOUR)).toBe("Sunday, 29 Nov, 14:00 to Monday, 30 Nov, 02:00 UTC");
  });
});

describe("what comes back", () => {
  test.each([
    ["day", 2 * HOUR, 3 * HOUR, "every day between 02:00 and 03:00 UTC"],
    ["day", 23 * HOUR, 25 * HOUR, "every day between 23:00 and 01:00 UTC"],
    ["week", 5 * DAY, 7 * DAY, "on Saturdays and Sundays"],
    ["week", 6 * DAY, 7 * DAY, "on Sundays"],
    ["week", 0, 5 * DAY, "from Monday to Friday"],
    ["week", 6 * DAY + 3 * HOUR, 6 * DAY + 4 * HOUR, "every Sunday between 03:00 and 04:00 UTC"],
    ["week", 4 * DAY + 22 * HOUR, 7 * DAY + 2 * HOUR, "every week from Friday, 22:00, to Monday, 02:00 UTC"],
  ] as const)("each %s from %d to %d is %s", (period, from, to, words) =>
    expect(recurringTimeInWords(period, from, to)).toBe(words),
  );
});

describe("a reading", () => {
  test.each([
    ["cpu_busy_ratio", 0.0456, "4.6 %"],
    ["filesystem_used_ratio:/var", 0.9996, "99 %"],
    ["network_transmit_bytes_per_second", 12_345_678, "12.3 MB/s"],
    ["memory_used_bytes", 1.5 * 2 ** 30, "1.5 GiB"],
    ["load_5m", 1.234, "1.23"],
    ["check_response_seconds", 0.42, "420 ms"],
    ["certificate_left_seconds", 6 * 86_400, "6 d"],
    ["queue_depth", 12_345, "12,345"],
    ["health_up", 1, "yes"],
  ])("of %s, %d, is %s", (key, value, words) => expect(readingInWords(key, value)).toBe(words));

  test("of nothing is nothing, and hardly more than that is told as such", () => {
    expect(percentInWords(0)).toBe("0 %");
    expect(percentInWords(0.0001)).toBe("less than 0.1 %");
  });
  test("that fell keeps its sign", () => expect(quantityInWords(-2_048, "bytes")).toBe("-2 KiB"));
  test("is so many times another", () =>
    expect([1.53, 2.96, 8.4, 12.6, 40_000].map(timesInWords)).toEqual([
      "1.5 times",
      "3 times",
      "8 times",
      "13 times",
      "more than 1,000 times",
    ]));
  test("of money carries its currency, whatever that is", () => {
    expect(moneyInWords({ amount: 6, currency: "USD" })).toBe("$6");
    expect(moneyInWords({ amount: 4.15, currency: "EUR" })).toBe("€4.15");
    expect(moneyInWords({ amount: 12_340.56, currency: "constructor" })).toBe("constructor 12,341");
  });
});

describe("names", () => {
  test.each([
    [["web-1"], "web-1"],
    [["web-1", "web-2"], "web-1 and web-2"],
    [["web-1", "web-2", "db-1"], "web-1, web-2 and db-1"],
    [["web-1", "web-2", "web-3", "web-4", "web-5"], "web-1, web-2 and 3 more"],
    [[], ""],
  ])("%j are %s", (names, words) => expect(namesInWords(names)).toBe(words));
  test("are shown as they are", () => expect(possessive("<b>$&{x}`")).toBe("<b>$&{x}`'s"));
  test("are counted with their noun", () =>
    expect([countOf(1, "day"), countOf(1_200, "day")]).toEqual(["1 day", "1,200 days"]));
});

describe("a metric in a sentence", () => {
  test.each([
    ["cpu_busy_ratio", "CPU use"],
    ["filesystem_used_ratio:/var", "disk use of /var"],
    ["processes_total", "processes"],
    ["pressure_io_some_ratio", "I/O pressure (some)"],
    ["cpu_steal_ratio", "CPU stolen by the host"],
    ["queue_depth", "queue_depth"],
    ["constructor", "constructor"],
  ])("%s is %s", (key, noun) => expect(nounOf(key)).toBe(noun));
  test("fills something", () =>
    expect(["filesystem_used_ratio:/var", "filesystem_inodes_used_ratio", "memory_used_ratio"].map(vesselOf)).toEqual([
      "disk /var",
      "disk",
      "memory",
    ]));
});
