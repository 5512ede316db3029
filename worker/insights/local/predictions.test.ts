import { describe, expect, test } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import type { Bandwidth } from "../../../contract/providers.ts";
import { bandsOf } from "./bands.ts";
import { fillingFindings, lastingUntil, severityOf } from "./filling-findings.ts";
import { changePerDay, growthHours } from "./growth-hours.ts";
import { DAY, history, HOUR, hourly, hourOfDay, machine, normal, NOW, quietSeries, weekday } from "./made.cases.ts";
import { monthOfTraffic } from "./month-of-traffic.ts";
import { soundHistory } from "./sound.ts";
import { trafficFinding } from "./traffic-finding.ts";

const chance = new Chance(71);
const random = () => chance.next();
const filling = (perHour: number, end: number) =>
  hourly((_, hour) => Math.max(0, end + hour * perHour + 0.0005 * normal(random)));

describe("what fills up", () => {
  test("is told with when, how sure that is, at what pace and what to do", () => {
    const of = history(machine("web-1"), { filesystem_used_ratio: filling(0.0008, 0.9) });
    const [one] = fillingFindings(of, NOW);
    const left = (one!.at! - NOW) / HOUR;
    expect(left).toBeGreaterThan(110);
    expect(left).toBeLessThan(140);
    expect(one!.title).toMatch(/^web-1's disk will be full in 5 d( \d+ h)?, /);
    expect(one!.severity).toBe("warning");
    expect(one!.claims[0]!.text).toMatch(/^Disk use of web-1 is 9\d %, and comes to 100 % about \w+, \d+ Dec/);
    expect(one!.claims[1]!.text).toMatch(/^It has grown by 1\.9 % \(about 1\.5\d? GiB\) a day over the last 7 days\.$/);
    expect(one!.actions[0]).toMatch(/^Grow the disk of web-1 or clean it up /);
    expect(one!.earliestAt!).toBeLessThanOrEqual(one!.at!);
  });

  test("has the same key an hour later", () => {
    const grown = (now: number) =>
      hourly((at) => Math.max(0, 0.9 + ((at - NOW) / HOUR) * 0.0008 + 0.0005 * Math.sin(at / HOUR)), 1_000, now);
    const keys = [NOW, NOW + HOUR].map((now) =>
      fillingFindings(history(machine("web-1"), { filesystem_used_ratio: grown(now) }), now).map(({ key }) => key),
    );
    expect(keys[0]).toEqual(["prediction filesystem_used_ratio id-web-1"]);
    expect(keys[1]).toEqual(keys[0]);
  });

  test("is told of each filesystem, and then not of the worst of them", () => {
    const series = {
      filesystem_used_ratio: filling(0.0008, 0.9),
      "filesystem_used_ratio:/": hourly(() => 0.4 + 0.0005 * normal(random)),
      "filesystem_used_ratio:/var": filling(0.0008, 0.9),
    };
    const found = fillingFindings(history(machine("web-1"), series), NOW);
    expect(found.map(({ metrics }) => metrics)).toEqual([["filesystem_used_ratio:/var"]]);
    expect(found[0]!.title).toMatch(/^web-1's disk \/var will be full/);
  });

  test("is nothing where nothing grows, falls, or will not be full in a quarter of a year", () => {
    for (const perHour of [0, -0.0003, 0.00005])
      expect(fillingFindings(history(machine("a"), { filesystem_used_ratio: filling(perHour, 0.5) }), NOW)).toEqual([]);
  });

  test("names the hours in which most of it comes", () => {
    const series = hourly((at) => {
      const days = Math.floor(at / DAY) - Math.floor(NOW / DAY);
      return 0.85 + days * 0.01 + (hourOfDay(at) >= 3 ? 0.01 : 0) + 0.00002 * normal(random);
    });
    expect(growthHours(series)).toMatchObject({ from: 2 * HOUR, to: 4 * HOUR });
    const [one] = fillingFindings(history(machine("a"), { filesystem_used_ratio: series }), NOW);
    expect(one!.actions[1]).toBe("See what is written on a between 02:00 and 04:00 UTC: that is most of it.");
  });

  test("that comes at any time has no such hours", () => expect(growthHours(filling(0.0008, 0.9))).toBeNull());

  test.each([
    [0.5, 0.9, "critical"],
    [0.5, 0.2, "warning"],
    [3, 0.9, "warning"],
    [20, 0.9, "info"],
  ])("in %d days, with a confidence of %d, is %s", (days, confidence, severity) => {
    expect(severityOf(days * DAY, confidence)).toBe(severity);
  });

  test("is written anew the sooner, the nearer it is", () => {
    expect([0, 3 * DAY, 60 * DAY].map(lastingUntil)).toEqual([6 * HOUR, 18 * HOUR, 48 * HOUR]);
  });

  test("grows by so much a day", () => {
    expect(
      changePerDay(
        hourly((_, hour) => hour * 0.001),
        7,
        NOW,
      ),
    ).toBeCloseTo(0.024, 6);
    expect(
      changePerDay(
        hourly(() => NaN),
        7,
        NOW,
      ),
    ).toBeNaN();
  });
});

describe("bands", () => {
  test("are of a week, hold their middle and stay within what the metric can be", () => {
    const bands = bandsOf(history(machine("a"), quietSeries(random)).hourly);
    const { middle, lower, upper, from, stepMs } = bands["cpu_busy_ratio"]!;
    expect([from, stepMs, middle.length]).toEqual([NOW, HOUR, 168]);
    middle.forEach((value, step) => {
      expect(lower[step]!).toBeLessThanOrEqual(value!);
      expect(upper[step]!).toBeGreaterThanOrEqual(value!);
      expect(upper[step]!).toBeLessThanOrEqual(1);
      expect(lower[step]!).toBeGreaterThanOrEqual(0);
    });
  });
  test("are absent where nothing can be told", () =>
    expect(bandsOf(new Map([["cpu_busy_ratio", hourly(() => NaN)]]))).toEqual({}));
});

describe("the traffic of a month", () => {
  // 26 November, ten in the morning: 25.4 days are over, 4.6 are left.
  const series = (out: number) =>
    new Map([
      ["network_receive_bytes_per_second", hourly(() => 4e5 * (1 + 0.1 * normal(random)))],
      [
        "network_transmit_bytes_per_second",
        hourly((at) => out * (weekday(at) >= 5 ? 0.7 : 1) * (1 + 0.1 * normal(random))),
      ],
    ]);
  const counted = (usedBytes: number, allowedBytes: number): Bandwidth => ({
    usedBytes,
    allowedBytes,
    at: NOW - 2 * HOUR,
  });
  const OUT_PER_DAY = 2e6 * 86_400 * 0.914;

  test("is used up when the pace that the provider counts says so", () => {
    // The provider counts what goes out alone.
    const month = monthOfTraffic(series(2e6), counted(25.3 * OUT_PER_DAY, 28.3 * OUT_PER_DAY), NOW)!;
    expect((month.at - NOW) / DAY).toBeGreaterThan(2.5);
    expect((month.at - NOW) / DAY).toBeLessThan(3.3);
    expect(month.earliestAt).toBeLessThan(month.at);
    expect(month.latestAt!).toBeGreaterThan(month.at);
    expect(month.error).toBeLessThan(0.2);
  });
  test("that lasts is nothing", () => {
    expect(monthOfTraffic(series(2e6), counted(25.3 * OUT_PER_DAY, 40 * OUT_PER_DAY), NOW)).toBeNull();
  });
  test("of which nothing is known is nothing", () => {
    const rates = series(2e6);
    expect(monthOfTraffic(rates, { usedBytes: null, allowedBytes: 1e12, at: NOW }, NOW)).toBeNull();
    expect(monthOfTraffic(rates, { usedBytes: 1e12, allowedBytes: null, at: NOW }, NOW)).toBeNull();
    expect(monthOfTraffic(rates, { ...counted(1e12, 1.01e12), at: NOW - 5 * DAY }, NOW)).toBeNull();
    expect(monthOfTraffic(new Map(), counted(1e12, 1.01e12), NOW)).toBeNull();
  });
  test("is told with its pace and its try on the past", () => {
    const bandwidth = counted(25.3 * OUT_PER_DAY, 28.3 * OUT_PER_DAY);
    const one = trafficFinding(
      { machine: machine("web-1", { bandwidth }), hourly: series(2e6), fine: new Map(), spans: [] },
      NOW,
    )!;
    expect(one.title).toMatch(/^web-1's traffic of the month will be used up in 2 d \d+ h, give or take/);
    expect(one.severity).toBe("warning");
    expect(one.claims[0]!.text).toContain("The month ends on Monday, 30 Nov.");
    expect(one.confidence!).toBeGreaterThan(0.7);
  });
  test("that is used up is told as that", () => {
    const bandwidth = counted(25.3 * OUT_PER_DAY, 25 * OUT_PER_DAY);
    const one = trafficFinding(
      { machine: machine("web-1", { bandwidth }), hourly: series(2e6), fine: new Map(), spans: [] },
      NOW,
    )!;
    expect(one.title).toBe("web-1's traffic of the month is used up");
    expect(one.at!).toBeLessThanOrEqual(NOW);
  });
});

test("of a history only what can be reckoned with is left", () => {
  const of = history(
    machine("a", {
      monthlyCost: { amount: NaN, currency: "USD" },
      bandwidth: { usedBytes: Infinity, allowedBytes: 1, at: NOW },
    }),
    {
      cpu_busy_ratio: hourly((_, hour) => [0.5, 7, -1, NaN, Infinity][-hour % 5]!),
      "not a key": hourly(() => 1),
      load_5m: { from: NOW, stepMs: 0, values: new Float64Array(3) },
      memory_used_ratio: hourly(() => NaN),
    },
  );
  const sound = soundHistory(of);
  expect([...sound.hourly.keys()]).toEqual(["cpu_busy_ratio"]);
  expect(new Set(sound.hourly.get("cpu_busy_ratio")!.values)).toEqual(new Set([0.5, NaN]));
  expect([sound.machine.monthlyCost, sound.machine.bandwidth]).toEqual([null, null]);
});
