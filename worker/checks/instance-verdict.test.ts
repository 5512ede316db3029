import { describe, expect, it } from "vitest";
import type { CloudStatus } from "../../contract/providers.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { judgeInstance, type CheckWord, type Heard, type ProviderWord } from "./instance-verdict.ts";

const MINUTE = 60_000;
const NOW = 1_790_000_000_000;

const cloud = (status: CloudStatus, more: Partial<ProviderWord> = {}): ProviderWord => ({
  name: "Vultr",
  status,
  statusText: status.toUpperCase(),
  impaired: null,
  asOf: NOW - MINUTE,
  isFresh: true,
  ...more,
});
const longAgo = cloud("running", { isFresh: false, asOf: NOW - 40 * MINUTE });
const impaired = cloud("running", { impaired: "system status: impaired" });
const agent = (minutes: number, intervalMs = 30_000) => ({ lastSampleAt: NOW - minutes * MINUTE, intervalMs });
const FRESH = agent(1);
const SILENT = agent(7);

const check = (verdict: Verdict, reason: string, reachesHost: boolean | null, kind: CheckWord["kind"] = "http") => ({
  kind,
  name: kind,
  verdict,
  reason,
  reachesHost,
  at: NOW,
});
const up = check("up", "HTTPS answers", true);
const slow = check("degraded", "slow: 1.4 s", true);
const refused = check("down", "HTTPS refused from 3 of 3 regions", true);
const unreached = check("down", "unreachable from 3 of 3 regions", false);
const blind = check("unsure", "our own probers failed", null);
const noName = check("down", "DNS has no such name, seen from 3 of 3 regions", null, "dns");
const named = check("up", "DNS answers", null, "dns");
const noCall = check("down", "no call for 26 h; expected every 24 h", null, "heartbeat");
const calls = check("up", "calls in time", null, "heartbeat");
const ssh = check("up", "port 22 answers", true, "tcp");

type Row = [provider: Heard["provider"], agent: Heard["agent"], checks: CheckWord[], verdict: Verdict, reason: string];

const tables: Record<string, Row[]> = {
  "where its provider says it is off": [
    [cloud("stopped"), null, [], "down", "Vultr says stopped"],
    [cloud("suspended"), null, [], "down", "Vultr says suspended"],
    [cloud("stopped"), FRESH, [], "unsure", "Vultr says stopped, but the agent speaks"],
    [cloud("stopped"), null, [up], "unsure", "Vultr says stopped, but http answers"],
    [cloud("stopped"), SILENT, [slow], "unsure", "Vultr says stopped, but http answers"],
    [cloud("stopped"), FRESH, [unreached], "unsure", "Vultr says stopped, but the agent speaks"],
    [cloud("stopped"), SILENT, [], "down", "Vultr says stopped and agent silent for 7 min"],
    [cloud("stopped"), SILENT, [unreached], "down", "Vultr says stopped and agent silent for 7 min"],
    [cloud("stopped"), null, [unreached], "down", "Vultr says stopped"],
    [cloud("stopped"), null, [blind], "down", "Vultr says stopped"],
    [cloud("stopped"), null, [named, calls], "down", "Vultr says stopped"],
    [cloud("stopped", { isFresh: false }), null, [], "unsure", "Vultr has not answered for 60 s"],
  ],
  "where a check is down": [
    [null, FRESH, [refused], "degraded", "host up, HTTPS refused from 3 of 3 regions"],
    [null, FRESH, [unreached], "degraded", "host up, unreachable from 3 of 3 regions"],
    [null, null, [refused], "degraded", "host answers, HTTPS refused from 3 of 3 regions"],
    [null, null, [unreached], "down", "unreachable from 3 of 3 regions"],
    [cloud("running"), null, [unreached], "down", "unreachable from 3 of 3 regions"],
    [cloud("starting"), null, [unreached], "down", "unreachable from 3 of 3 regions"],
    [longAgo, null, [unreached], "down", "unreachable from 3 of 3 regions"],
    [null, SILENT, [unreached], "down", "unreachable from 3 of 3 regions and agent silent for 7 min"],
    [null, SILENT, [refused], "down", "HTTPS refused from 3 of 3 regions and agent silent for 7 min"],
    [null, SILENT, [noCall], "down", "no call for 26 h; expected every 24 h and agent silent for 7 min"],
    [null, null, [unreached, ssh], "degraded", "host answers, http: unreachable from 3 of 3 regions"],
    [
      null,
      SILENT,
      [unreached, ssh],
      "degraded",
      "host answers, http: unreachable from 3 of 3 regions, agent silent for 7 min",
    ],
    [null, null, [noCall, unreached], "down", "http: unreachable from 3 of 3 regions"],
    [null, null, [noCall], "degraded", "no call for 26 h; expected every 24 h"],
    [null, null, [noName], "degraded", "DNS has no such name, seen from 3 of 3 regions"],
    [cloud("running"), FRESH, [noName], "degraded", "DNS has no such name, seen from 3 of 3 regions"],
  ],
  "where its agent is silent": [
    [null, SILENT, [up], "degraded", "agent silent for 7 min, host answers"],
    [null, SILENT, [slow], "degraded", "agent silent for 7 min, host answers"],
    [null, SILENT, [], "unsure", "agent silent for 7 min, and nothing else looks"],
    [cloud("running"), SILENT, [], "unsure", "agent silent for 7 min, and nothing else looks"],
    [longAgo, SILENT, [], "unsure", "agent silent for 7 min, and nothing else looks"],
    [null, SILENT, [blind], "unsure", "agent silent for 7 min, and nobody else can tell"],
    [null, SILENT, [noName], "unsure", "agent silent for 7 min, and nobody else can tell"],
    [null, SILENT, [named, calls], "unsure", "agent silent for 7 min, and nobody else can tell"],
    [impaired, SILENT, [], "degraded", "Vultr finds it impaired: system status: impaired, agent silent for 7 min"],
    [cloud("starting"), SILENT, [], "unsure", "Vultr says starting"],
  ],
  otherwise: [
    [null, null, [], null as never, ""],
    [null, null, [slow], "degraded", "slow: 1.4 s"],
    [cloud("running"), FRESH, [slow, ssh], "degraded", "http: slow: 1.4 s"],
    [null, FRESH, [blind], "up", "agent speaks"],
    [null, FRESH, [up], "up", "host answers and agent speaks"],
    [null, null, [up], "up", "host answers"],
    [null, null, [blind, ssh], "up", "host answers"],
    [null, FRESH, [], "up", "agent speaks"],
    [null, null, [calls], "up", "calls in time"],
    [null, null, [blind], "unsure", "our own probers failed"],
    [cloud("running"), null, [blind], "unsure", "our own probers failed"],
    [cloud("running"), null, [], "up", "Vultr says running"],
    [cloud("starting"), null, [], "unsure", "Vultr says starting"],
    [cloud("stopping"), null, [blind], "unsure", "Vultr says stopping"],
    [cloud("starting"), FRESH, [], "up", "agent speaks"],
    [cloud("starting"), null, [up], "up", "host answers"],
    [impaired, FRESH, [up], "degraded", "Vultr finds it impaired: system status: impaired"],
    [{ ...impaired, isFresh: false }, FRESH, [up], "up", "host answers and agent speaks"],
    [longAgo, null, [], "unsure", "Vultr has not answered for 40 min"],
    [longAgo, FRESH, [], "up", "agent speaks"],
    [cloud("unknown"), null, [], "unsure", "Vultr does not say how it is"],
  ],
};

describe.each(Object.entries(tables))("an instance, %s", (_, rows) => {
  it.each(rows.map((row): [string, Row] => [`${row[3]}: ${row[4]}`, row]))(
    "%s",
    (_, [provider, heard, checks, verdict, reason]) => {
      const found = judgeInstance({ provider, agent: heard, checks }, NOW);
      expect(found && [found.verdict, found.reason]).toEqual(verdict && [verdict, reason]);
      // Whoever was heard is listed, and nobody else.
      const count = checks.length + (heard ? 1 : 0) + (provider ? 1 : 0);
      expect(found?.witnesses ?? []).toHaveLength(count);
      for (const { words, at } of found?.witnesses ?? []) {
        expect(words).not.toBe("");
        expect(at).toBeLessThanOrEqual(NOW);
      }
    },
  );
});

describe("an agent is silent", () => {
  it.each<[minutes: number, intervalMs: number, isSilent: boolean]>([
    [3, 1_000, false],
    [3.01, 1_000, true],
    [3.01, 60_000, true],
    [14, 300_000, false],
    [15, 300_000, false],
    [15.01, 300_000, true],
    [-90, 30_000, false],
  ])("after %d min where it sends every %i ms: %s", (minutes, intervalMs, isSilent) => {
    const found = judgeInstance({ provider: null, agent: agent(minutes, intervalMs), checks: [] }, NOW)!;
    expect(found.verdict).toBe(isSilent ? "unsure" : "up");
  });
});

it("says of every witness what it said, and of one that does not answer how old its word is", () => {
  const { witnesses } = judgeInstance({ provider: longAgo, agent: SILENT, checks: [slow, blind, calls] }, NOW)!;
  expect(witnesses.map(({ kind, name, says, words }) => [kind, name, says, words])).toEqual([
    ["check", "http", "slow", "slow: 1.4 s"],
    ["check", "http", "nothing", "our own probers failed"],
    ["heartbeat", "heartbeat", "up", "calls in time"],
    ["agent", "agent", "down", "silent for 7 min"],
    ["provider", "Vultr", "nothing", "said RUNNING 40 min ago, and does not answer"],
  ]);
  const said = (provider: ProviderWord) => judgeInstance({ provider, agent: FRESH, checks: [] }, NOW)!.witnesses[1]!;
  expect(said(cloud("running"))).toMatchObject({ says: "up", words: "says RUNNING" });
  expect(said(cloud("stopped"))).toMatchObject({ says: "down", words: "says STOPPED" });
  expect(said(cloud("starting"))).toMatchObject({ says: "nothing", words: "says STARTING" });
  expect(said(impaired)).toMatchObject({ says: "slow", words: "says RUNNING, impaired: system status: impaired" });
});
