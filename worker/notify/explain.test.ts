import { describe, expect, it } from "vitest";
import { METRICS } from "../../contract/metric.ts";
import { isMetricOfChecks, RULE_KIND_NAMES, type RuleKind } from "../../contract/rule-kinds.ts";
import { explanationOf } from "./explain.ts";

const OWN = explanationOf("metric", "queue_depth", "warning");
/** Words of the trade that say nothing to whoever has only rented a server. */
const JARGON =
  /\b(iowait|inode|OOM|kernel|daemon|syscall|SLA|SLO|latency|throughput|quorum|hypervisor|cgroup|PSI|TLS|TCP)\b/i;
const FORECAST = ["filesystem_used_ratio", "filesystem_inodes_used_ratio", "memory_used_ratio", "swap_used_ratio"];

function withoutCommands(text: string): string {
  return text.replace(/`[^`]*`/g, "");
}

describe("an explanation", () => {
  const all: [kind: RuleKind, metric: string | null][] = [
    ...RULE_KIND_NAMES.map((kind): [RuleKind, null] => [kind, null]),
    ...Object.keys(METRICS).flatMap((metric): [RuleKind, string][] => [
      ["metric", metric],
      ["change", metric],
    ]),
    ...FORECAST.map((metric): [RuleKind, string] => ["forecast", metric]),
    ["verdict", "check_up"],
    ["verdict", "health_up"],
  ];

  it.each(all)("of %s %s is whole, in sentences and without words of the trade", (kind, metric) => {
    for (const severity of ["warning", "critical"] as const) {
      const { meaning, lookAt, urgency } = explanationOf(kind, metric, severity);
      expect(lookAt.length).toBeGreaterThanOrEqual(2);
      for (const text of [meaning, urgency, ...lookAt]) {
        expect(text).toMatch(/^[A-Z].*[.`]$/s);
        expect(text.length).toBeLessThan(260);
        expect(text).not.toContain("!");
        expect(withoutCommands(text)).not.toMatch(JARGON);
      }
    }
    expect(explanationOf(kind, metric, "warning").urgency).not.toBe(explanationOf(kind, metric, "critical").urgency);
  });

  it.each(Object.keys(METRICS))("of the metric %s is its own, not that of any value", (metric) => {
    expect(explanationOf("metric", metric, "warning").meaning).not.toBe(OWN.meaning);
  });

  it("of one part is that of the whole", () => {
    expect(explanationOf("metric", "filesystem_used_ratio:/var", "critical")).toEqual(
      explanationOf("metric", "filesystem_used_ratio", "critical"),
    );
  });

  it.each([
    ["cpu_busy_ratio", /processor/],
    ["cpu_steal_ratio", /other machines/i],
    ["load_5m", /work waits/],
    ["memory_available_bytes", /memory/i],
    ["swap_used_ratio", /stands in/],
    ["filesystem_used_ratio", /nearly full/],
    ["filesystem_inodes_used_ratio", /small ones/],
    ["filesystem_read_only", /written/],
    ["disk_util_ratio", /disk has much to do/],
    ["network_transmit_bytes_per_second", /traffic/i],
    ["network_errors_per_second", /lost/],
    ["processes_total", /programs/],
    ["check_response_seconds", /longer than it should/],
    ["certificate_left_seconds", /certificate/],
    ["temperature_celsius", /warmer/],
  ])("of %s is about it", (metric, expected) => {
    expect(explanationOf("metric", metric, "warning").meaning).toMatch(expected);
  });

  it("of each kind of rule is another", () => {
    const meanings = RULE_KIND_NAMES.map((kind) => explanationOf(kind, null, "warning").meaning);
    expect(new Set(meanings).size).toBe(RULE_KIND_NAMES.length);
  });

  it("of a check's verdict is not that of a machine's", () => {
    const [check, machine] = ["check_up", "health_up"].map((metric) => explanationOf("verdict", metric, "critical"));
    expect(isMetricOfChecks("check_up")).toBe(true);
    expect(check!.meaning).not.toBe(machine!.meaning);
  });
});
