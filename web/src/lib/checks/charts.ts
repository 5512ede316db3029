import type { Check } from "../../../../contract/checks.ts";
import { REGION_NAMES, REGIONS } from "../../../../contract/regions.ts";
import type { ChartSpec } from "../chart/chart-spec.ts";
import { formatSpan } from "./span.ts";

/** Which charts a check has: decided by the series it has. */
export function chartsOf(check: Pick<Check, "slowMs" | "target">, seriesKeys: readonly string[]): ChartSpec[] {
  const has = new Set(seriesKeys);
  const regions = REGION_NAMES.filter((region) => has.has(`probe_response_seconds:${region}`));
  const { target, slowMs } = check;
  const charts: ChartSpec[] = [
    {
      id: "response",
      title: "Response time by region",
      unit: "seconds",
      lines: regions.map((region) => ({ key: `probe_response_seconds:${region}`, label: REGIONS[region] })),
      isBandless: regions.length > 1,
      reference: { value: slowMs / 1000, label: `slow from ${formatSpan(slowMs)}` },
    },
    {
      id: "verdict",
      title: "Up, degraded",
      unit: "bool",
      lines: [
        { key: "check_up", label: "Up" },
        { key: "check_degraded", label: "Degraded" },
      ].filter(({ key }) => has.has(key)),
    },
    {
      id: "certificate",
      title: "Certificate is good for",
      unit: "seconds",
      lines: has.has("certificate_left_seconds") ? [{ key: "certificate_left_seconds", label: "Left" }] : [],
      ...(target.kind === "tls"
        ? { reference: { value: target.warnDays * 86_400, label: `degraded below ${target.warnDays} d` } }
        : {}),
    },
  ];
  return charts.filter(({ lines }) => lines.length > 0);
}
