import { expect, test } from "vitest";
import { chartsOf } from "./charts.ts";

const tls = { kind: "tls", host: "example.com", port: 443, warnDays: 14 } as const;

test("a check has the charts its series are for, a line for each region that answered", () => {
  const keys = ["check_up", "probe_response_seconds:oc", "probe_response_seconds:weur", "probe_up:weur"];
  const charts = chartsOf({ slowMs: 1_000, target: { ...tls } }, keys);
  expect(charts.map(({ id, lines }) => [id, lines.map(({ label }) => label)])).toEqual([
    ["response", ["Western Europe", "Oceania"]],
    ["verdict", ["Up"]],
  ]);
  expect(charts[0]!.reference).toEqual({ value: 1, label: "slow from 1 s" });
});

test("a certificate is held against the days it warns at", () => {
  const [chart] = chartsOf({ slowMs: 1_000, target: { ...tls } }, ["certificate_left_seconds"]);
  expect(chart!.reference).toEqual({ value: 14 * 86_400, label: "degraded below 14 d" });
});

test("without a series there is no chart", () =>
  expect(chartsOf({ slowMs: 1_000, target: { ...tls } }, [])).toEqual([]));
