import { expect, test } from "vitest";
import { METRICS } from "../../../../contract/metric.ts";
import { metricsWithoutHome, sectionsOf } from "./sections.ts";

const machine = { cpuCount: 4, memoryTotalBytes: 2 ** 33 };
const titles = (keys: string[]) => sectionsOf(keys, machine).map(({ title }) => title);
const charts = (keys: string[]) => sectionsOf(keys, machine).flatMap((section) => section.charts);

test("every metric the contract knows has a place on the page", () => {
  expect(metricsWithoutHome(Object.keys(METRICS))).toEqual([]);
});

test("a section without a series is not shown", () => {
  expect(titles(["cpu_busy_ratio"])).toEqual(["CPU"]);
  expect(titles([])).toEqual([]);
});

test("an unknown metric gets a chart of its own, its dimensions as lines", () => {
  const [chart] = charts(["queue_depth:mail", "queue_depth:push"]);
  expect(chart).toMatchObject({ title: "queue_depth", unit: "count" });
  expect(chart!.lines.map(({ label }) => label)).toEqual(["mail", "push"]);
});

test("a chart of more lines than can be told apart says how many it leaves out", () => {
  const mounts = Array.from({ length: 20 }, (_, i) => `filesystem_used_ratio:/mnt/${String(i).padStart(2, "0")}`);
  const chart = charts(mounts).find(({ lines }) => lines.length > 1)!;
  expect(chart.lines).toHaveLength(16);
  expect(chart.leftOut).toBe(4);
  expect(charts(mounts.slice(0, 16)).every(({ leftOut }) => leftOut === undefined)).toBe(true);
});

test("one interface alone is not drawn twice", () => {
  const keys = ["network_receive_bytes_per_second", "network_transmit_bytes_per_second"];
  const single = [...keys, ...keys.map((key) => `${key}:eth0`)];
  expect(charts(single).map(({ id }) => id)).toEqual(["network-bytes"]);
  expect(charts([...single, ...keys.map((key) => `${key}:eth1`)]).map(({ id }) => id)).toContain("network-bytes-by");
});

test("an interface is drawn even where the sum of all was not sent", () => {
  expect(charts(["network_receive_bytes_per_second:eth0"]).map(({ id }) => id)).toEqual(["network-bytes-by"]);
});

test("load is compared with the number of CPUs, memory with all there is", () => {
  expect(charts(["load_1m"])[0]!.reference).toEqual({ value: 4, label: "4 CPUs" });
  expect(charts(["memory_used_bytes"])[0]!.whole).toBe(2 ** 33);
});
