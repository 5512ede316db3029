import { expect, test } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import type { Machine } from "../engine.ts";
import { DAY, history, HOUR, hourly, machine, NOW, quietSeries, type Maker } from "./made.cases.ts";
import { lastHeardAt, usedOver } from "./use-of.ts";
import { wasteFindings } from "./waste-findings.ts";

const chance = new Chance(61);
const random = () => chance.next();
const PRICE = { amount: 6, currency: "EUR" };

function still(of: Machine, more: Record<string, Maker> = {}) {
  const level =
    (value: number): Maker =>
    () =>
      value * (1 + 0.1 * random());
  const made: Record<string, Maker> = {
    cpu_busy_ratio: level(0.01),
    memory_used_ratio: level(0.2),
    network_receive_bytes_per_second: level(900),
    network_transmit_bytes_per_second: level(900),
    disk_util_ratio: level(0.002),
    ...more,
  };
  return history(of, Object.fromEntries(Object.entries(made).map(([key, make]) => [key, hourly(make)])));
}
const found = (...given: Parameters<typeof wasteFindings>) => wasteFindings(...given).map(({ finding }) => finding);

test("a machine that did nothing for two weeks is idle, and all of its price can be saved", () => {
  const [one] = found([still(machine("old-1", { monthlyCost: PRICE }))], NOW);
  expect(one!.title).toBe("old-1 does nearly nothing and costs €6 a month");
  expect(one!.monthlySaving).toEqual(PRICE);
  expect(one!.confidence).toBeNull();
});

test("without a known price no saving is told", () => {
  const [one] = found([still(machine("old-1"))], NOW);
  expect(one!.title).toBe("old-1 does nearly nothing");
  expect(one!.monthlySaving).toBeNull();
});

test.each([
  ["works an hour a day", { cpu_busy_ratio: (at: number) => ((at / HOUR) % 24 === 2 ? 0.9 : 0.01) }],
  ["was busy last week", { cpu_busy_ratio: (_: number, hour: number) => (hour > -150 && hour < -100 ? 0.9 : 0.01) }],
  ["serves a little", { network_transmit_bytes_per_second: () => 60_000 }],
  ["was not heard half of the time", { cpu_busy_ratio: (_: number, hour: number) => (hour % 2 ? NaN : 0.01) }],
])("a machine that %s is not idle", (_, more) => {
  expect(found([still(machine("a", { cpuCount: 1 }), more)], NOW)).toEqual([]);
});

test("a machine that leaves half of what it has free is too large; what a smaller one costs is not made up", () => {
  const series = quietSeries(random, { cpu_busy_ratio: () => -0.4, memory_used_ratio: () => -0.3 });
  const [one] = found(
    [history(machine("big-1", { monthlyCost: { amount: 160, currency: "USD" }, cpuCount: 16 }), series)],
    NOW,
  );
  expect(one!.title).toBe("big-1 uses less than half of what it has");
  expect(one!.monthlySaving).toBeNull();
  expect(JSON.stringify(one)).not.toContain("$80");
});

test("many that are too large and of one plan are one finding", () => {
  const of = (name: string, plan: string) =>
    history(
      machine(name, { plan, cpuCount: 16, monthlyCost: { amount: 160, currency: "USD" } }),
      quietSeries(random, { cpu_busy_ratio: () => -0.4, memory_used_ratio: () => -0.3 }),
    );
  const all = found([...["d", "b", "a", "c"].map((name) => of(name, "c-16")), of("e", "c-8")], NOW);
  expect(all.map(({ title }) => title).sort()).toEqual([
    "a, b and 2 more use less than half of what they have",
    "e uses less than half of what it has",
  ]);
});

test.each([
  ["one processor cannot be halved", { cpuCount: 1 }, {}],
  ["its size is not known", { cpuCount: null }, {}],
  ["its memory is used", {}, { memory_used_ratio: () => 0 }],
  ["it has its busy hours", {}, { cpu_busy_ratio: (at: number) => ((at / HOUR) % 24 < 2 ? 0.3 : -0.4) }],
])("a machine is not too large where %s", (_, of, more) => {
  const series = quietSeries(random, { cpu_busy_ratio: () => -0.4, memory_used_ratio: () => -0.3, ...more });
  expect(found([history(machine("a", of), series)], NOW)).toEqual([]);
});

test("a machine that fell silent is paid for, but not before a week, and not where no price is known", () => {
  const silent = (days: number) => ({ cpu_busy_ratio: hourly((at) => (at >= NOW - days * DAY ? NaN : 0.4)) });
  const of = machine("gone-1", { monthlyCost: PRICE });
  expect(found([history(of, silent(12))], NOW)[0]!.title).toBe(
    "gone-1 has been silent for 12 days and costs €6 a month",
  );
  expect(found([history(of, silent(6))], NOW)).toEqual([]);
  expect(found([history(machine("gone-1"), silent(12))], NOW)).toEqual([]);
});

test("machines that never sent anything are one finding; new ones are none", () => {
  const of = (name: string, firstSeenAt = NOW - 90 * DAY) =>
    history(machine(name, { monthlyCost: PRICE, firstSeenAt }), {});
  const all = found([of("b"), of("a"), of("c"), of("new", NOW - DAY)], NOW);
  expect(all.map(({ title }) => title)).toEqual(["a, b and c are paid for and send nothing"]);
  expect(all[0]!.subjects.map(({ name }) => name)).toEqual(["a", "b", "c"]);
});

test("of two idle machines the dearer weighs more", () => {
  const [cheap, dear] = [6, 60].map(
    (amount) => wasteFindings([still(machine("a", { monthlyCost: { amount, currency: "EUR" } }))], NOW)[0]!.weight,
  );
  expect(dear).toBeGreaterThan(cheap!);
});

test("the use over some days is of those days alone", () => {
  const hours = new Map([["cpu_busy_ratio", hourly((_, hour) => (hour < -48 ? 0.9 : 0.1))]]);
  expect(usedOver(hours, "cpu_busy_ratio", 2 * DAY, NOW)).toEqual({ most: 0.1, peak: 0.1, middle: 0.1, heard: 1 });
  expect(usedOver(hours, "load_5m", DAY, NOW)).toBeNull();
  expect(usedOver(hours, "cpu_busy_ratio", DAY, NOW + 9 * DAY)).toBeNull();
});

test("when something was last heard is the end of its step", () => {
  expect(lastHeardAt(new Map([["a", hourly((_, hour) => (hour > -5 ? NaN : 1))]]))).toBe(NOW - 4 * HOUR);
  expect(lastHeardAt(new Map([["a", hourly(() => NaN)]]))).toBeNull();
});
