import { expect, test } from "vitest";
import { conditionSchema } from "../../../../contract/rules.ts";
import { grouped, groupOf } from "./groups.ts";
import { sentenceOf } from "./sentence.ts";

const said = (condition: object, holdMs = 0, scope = "whole fleet") =>
  sentenceOf({ condition: conditionSchema.parse(condition), holdMs }, scope);

test.each<[string, object, number]>([
  [
    "CPU busy above 90 % for 5 min → critical, whole fleet",
    { kind: "metric", metric: "cpu_busy_ratio", direction: "above", critical: 0.9 },
    300_000,
  ],
  [
    "CPU busy above 70 % for 10 min → warning, above 90 % → critical, whole fleet",
    { kind: "metric", metric: "cpu_busy_ratio", direction: "above", warning: 0.7, critical: 0.9, recovery: 0.65 },
    600_000,
  ],
  [
    "Filesystem used: /var above 80 % → warning, whole fleet",
    { kind: "metric", metric: "filesystem_used_ratio:/var", direction: "above", warning: 0.8 },
    0,
  ],
  [
    "A certificate ends within 14 d → warning, within 3 d → critical, whole fleet",
    { kind: "metric", metric: "certificate_left_seconds", direction: "below", warning: 1209600, critical: 259200 },
    0,
  ],
  [
    "queue_depth:mail above 500 → warning, whole fleet",
    { kind: "metric", metric: "queue_depth:mail", direction: "above", warning: 500 },
    0,
  ],
  [
    "Memory used rises by 20 percentage points within 15 min → warning, whole fleet",
    { kind: "change", metric: "memory_used_ratio", direction: "rises", overMs: 900_000, warning: 0.2 },
    0,
  ],
  [
    "Memory used falls by 2 GiB within 1 h → critical, whole fleet",
    { kind: "change", metric: "memory_used_bytes", direction: "falls", overMs: 3_600_000, critical: 2 * 1024 ** 3 },
    0,
  ],
  [
    "A filesystem will be full within 3 d → warning, within 1 d → critical, whole fleet",
    { kind: "forecast", metric: "filesystem_used_ratio", warning: 259_200_000, critical: 86_400_000 },
    0,
  ],
  ["An instance is down → critical, whole fleet", { kind: "verdict", of: "instance" }, 0],
  [
    "A check (HTTP or TCP) is degraded for 2 min → warning, down → critical, whole fleet",
    { kind: "verdict", of: "check", checkKinds: ["http", "tcp"], degraded: "warning", down: "critical" },
    120_000,
  ],
  [
    "An agent is silent for 3 min → warning, when that lasts 1 min, whole fleet",
    { kind: "silence", warning: 180_000 },
    60_000,
  ],
  ["The provider calls an instance stopped, suspended or impaired → warning, whole fleet", { kind: "provider" }, 0],
  ["An instance was started anew less than 10 min ago → warning, whole fleet", { kind: "reboot" }, 0],
])("%s", (sentence, condition, holdMs) => expect(said(condition, holdMs)).toBe(sentence));

test("rules stand with what they watch, those that are off below those that hold", () => {
  const rule = (name: string, condition: object, isEnabled = true) => ({
    name,
    isEnabled,
    condition: conditionSchema.parse(condition),
  });
  const about = (metric: string) => ({ kind: "metric", metric, direction: "above", warning: 0.5 });
  const groups = grouped([
    rule("b", about("cpu_busy_ratio")),
    rule("a", about("load_1m"), false),
    rule("c", about("disk_util_ratio:vda")),
    rule("d", about("check_response_seconds")),
    rule("e", { kind: "silence", warning: 60_000 }),
    rule("f", about("queue_depth")),
    rule("c10", about("cpu_busy_ratio")),
    rule("c9", about("cpu_busy_ratio")),
  ]);
  expect(groups.map(({ group, rules }) => [group, rules.map(({ name }) => name)])).toEqual([
    ["reach", ["e"]],
    ["checks", ["d"]],
    ["cpu", ["b", "c9", "c10", "a"]],
    ["disk", ["c"]],
    ["custom", ["f"]],
  ]);
  expect(groupOf({ condition: conditionSchema.parse({ kind: "verdict", of: "check" }) })).toBe("checks");
});
