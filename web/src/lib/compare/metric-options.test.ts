import { expect, test } from "vitest";
import { METRICS } from "../../../../contract/metric.ts";
import { metricGroups, metricLabel } from "./metric-options.ts";

test("every metric of the table can be compared, each under a name of its own", () => {
  const labels = metricGroups([], "load_1m").flatMap(({ options }) => options.map(({ label }) => label));
  expect(labels).toHaveLength(Object.keys(METRICS).length);
  expect(new Set(labels).size).toBe(labels.length);
});

test.each([
  ["cpu_busy_ratio", "CPU busy"],
  ["memory_used_ratio", "Memory used (%)"],
  ["memory_used_bytes", "Memory used (bytes)"],
  ["disk_util_ratio:vda", "Disk busy: vda"],
  ["queue_depth:mail", "queue_depth:mail"],
])("%s is called %s", (key, label) => expect(metricLabel(key)).toBe(label));

test("what only the chosen instances have comes in groups of its own, and what the address names is there at all events", () => {
  const groups = metricGroups(["queue_depth", "disk_util_ratio:vda", "cpu_busy_ratio"], "queue_age:mail");
  expect(groups.slice(1).map(({ options }) => options.map(({ value }) => value))).toEqual([
    ["disk_util_ratio:vda"],
    ["queue_age:mail", "queue_depth"],
  ]);
});
