import { describe, expect, it } from "vitest";
import type { Condition } from "../../contract/rules.ts";
import type { InstanceRow } from "../instances/table.ts";
import { SILENCE_CONFIRM_MS } from "../settings.ts";
import type { Decision } from "./evaluation.ts";
import { reasonOf } from "./reason.ts";

const MINUTE = 60_000;
const NONE = { warning: null, critical: null, recovery: null };
const CPU: Condition = { kind: "metric", metric: "cpu_busy_ratio", direction: "above", ...NONE };
const DISK: Condition = { kind: "forecast", metric: "filesystem_used_ratio", ...NONE };
const PROVIDER: Condition = { kind: "provider", statuses: ["stopped"], impaired: true, severity: "warning" };

function decision(condition: Condition, value: number, over: Partial<Decision> = {}): Decision {
  const rule = { condition } as Decision["rule"];
  const subject = {} as Decision["subject"];
  return { transition: "fire", rule, subject, at: 0, value, severity: "critical", threshold: null, ...over };
}
const cloud = (over: Partial<NonNullable<InstanceRow["cloud"]>>) =>
  ({ kind: "aws", status: "running", statusText: "active, ok", impaired: null, ...over }) as InstanceRow["cloud"];

describe("why, in one line", () => {
  it.each<[string, Decision, Parameters<typeof reasonOf>[1]]>([
    ["CPU busy 93 % (critical above 90 %)", decision(CPU, 0.93, { threshold: 0.9 }), {}],
    ["CPU busy 12 %", decision(CPU, 0.12, { transition: "resolve", threshold: 0.6 }), {}],
    [
      "Filesystem used of /var 96 % (warning above 80 %)",
      decision({ ...CPU, metric: "filesystem_used_ratio:/var" }, 0.96, { severity: "warning", threshold: 0.8 }),
      {},
    ],
    [
      "Memory used rose by 1 GiB within 10 min (critical from 512 MiB)",
      decision(
        { kind: "change", metric: "memory_used_bytes", direction: "rises", overMs: 10 * MINUTE, ...NONE },
        2 ** 30,
        { threshold: 2 ** 29 },
      ),
      {},
    ],
    ["Filesystem used: full in about 2 days", decision(DISK, 2 * 86_400_000), {}],
    ["Filesystem used: no longer about to be full", decision(DISK, 9e15, { transition: "resolve" }), {}],
    ["nothing heard for 3 min", decision({ kind: "silence", ...NONE }, 3 * MINUTE + SILENCE_CONFIRM_MS), {}],
    ["AWS EC2 says that it is stopped", decision(PROVIDER, 2), { cloud: cloud({ status: "stopped" }) }],
    [
      "AWS EC2 finds something wrong with the system it runs on",
      decision(PROVIDER, 1),
      { cloud: cloud({ impaired: "the system it runs on" }) },
    ],
    ["AWS EC2 finds it well again", decision(PROVIDER, 0, { transition: "resolve" }), { cloud: cloud({}) }],
    [
      "no region could reach it",
      decision({ kind: "verdict", of: "check", checkKinds: [], degraded: null, down: "critical" }, 2),
      { judgement: { verdict: "down", reason: "no region could reach it", since: 0, witnesses: [] } as never },
    ],
  ])("%s", (words, decided, heard) => {
    expect(reasonOf(decided, heard)).toBe(words);
  });
});
