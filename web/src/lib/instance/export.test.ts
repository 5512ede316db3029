import { expect, test } from "vitest";
import { seriesExportQuerySchema } from "../../../../contract/series.ts";
import { exportChoices, exportHref } from "./export.ts";
import { sectionsOf } from "./sections.ts";

const choicesFor = (keys: string[]) => exportChoices(keys, sectionsOf(keys, { cpuCount: 1, memoryTotalBytes: null }));
const mounts = (count: number) => Array.from({ length: count }, (_, index) => `filesystem_used_ratio:/mnt/${index}`);

test("everything in one file where it fits, and each section by itself", () => {
  const choices = choicesFor(["cpu_busy_ratio", "load_1m", "queue_depth", "uptime_seconds"]);
  expect(choices.map(({ label, keys }) => [label, keys.length])).toEqual([
    ["All series", 4],
    ["CPU", 1],
    ["Load and processes", 1],
    ["Custom metrics", 1],
    ["Not on a chart: sizes, uptime", 1],
  ]);
});

test("more series than a call may name are offered by section, in parts where a section has more, none left out", () => {
  const keys = [...mounts(130), "cpu_busy_ratio"];
  const choices = choicesFor(keys);
  expect(choices.map(({ label }) => label)).toEqual([
    "CPU",
    "Filesystems, part 1 of 3",
    "Filesystems, part 2 of 3",
    "Filesystems, part 3 of 3",
  ]);
  expect(choices.flatMap((choice) => choice.keys).toSorted()).toEqual(keys.toSorted());
});

test("the address is one the server takes", () => {
  const href = exportHref("web:1", ["disk_util_ratio:a b&c", "load_1m"], { from: 1.5, to: 9.2 });
  const url = new URL(href, "https://nephos.example");
  expect(url.pathname).toBe("/api/instances/web%3A1/series.csv");
  expect(seriesExportQuerySchema.parse(Object.fromEntries(url.searchParams))).toEqual({
    metrics: ["disk_util_ratio:a b&c", "load_1m"],
    from: 1,
    to: 10,
  });
});
