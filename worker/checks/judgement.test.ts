import { describe, expect, it } from "vitest";
import { answer, probed } from "../testing/answers.ts";
import { judgeHeartbeat } from "./heartbeat.ts";
import { judgeInstance, type CheckWord } from "./instance-verdict.ts";
import { judgementAfter, sameJudgement, type Finding } from "./judgement.ts";
import { judgeRound } from "./verdict.ts";

const TICK = 120_000;
const T0 = 1_790_000_000_000;
const check = {
  target: { kind: "tcp", host: "shop.example", port: 22 },
  slowMs: 1_000,
  badMs: 3_000,
} as const;
const found = (verdict: Finding["verdict"], reason: string): Finding => ({ verdict, reason, witnesses: [] });

/** Verdicts that would be written in ticks in which nothing happens, after the first. */
function written(
  ticks: number,
  findings: (now: number, before: Finding | null, tick: number) => Finding | null,
): number {
  let before = findings(T0, null, 0);
  let rows = 0;
  for (let tick = 1; tick <= ticks; tick++) {
    const now = findings(T0 + tick * TICK, before, tick);
    if (sameJudgement(before, now)) continue;
    rows++;
    before = now;
  }
  return rows;
}

describe("ten quiet ticks write nothing", () => {
  const unreached: CheckWord = {
    kind: "tcp",
    name: "ssh",
    verdict: "down",
    reason: "unreachable from 3 of 3 regions",
    reachesHost: false,
    at: T0,
  };
  const agent = { lastSampleAt: T0 - 300_000, intervalMs: 30_000 };

  it.each<[what: string, findings: (now: number, before: Finding | null, tick: number) => Finding | null]>([
    [
      "of an agent that has been silent ever longer",
      (now) => judgeInstance({ provider: null, agent, checks: [] }, now),
    ],
    [
      "of a host that is down and its agent too",
      (now) => judgeInstance({ provider: null, agent, checks: [unreached] }, now),
    ],
    [
      "of a provider that does not answer for ever longer",
      (now) =>
        judgeInstance(
          {
            provider: {
              name: "Vultr",
              status: "running",
              statusText: "active",
              impaired: null,
              asOf: T0,
              isFresh: false,
            },
            agent: null,
            checks: [],
          },
          now,
        ),
    ],
    [
      "of a job that has not called for ever longer",
      (now) =>
        judgeHeartbeat(
          {
            name: "backup",
            periodMs: 60_000,
            graceMs: 60_000,
            createdAt: 0,
            lastBeatAt: T0 - 2 * TICK,
            lastFailAt: null,
          },
          now,
        ),
    ],
    [
      "of a slow check that wobbles",
      (now, before, tick) =>
        judgeRound(
          check,
          [answer("weur", now, probed.good("a", now, [1_050, 960, 2_900, 999][tick % 4]!))],
          now,
          before,
        ),
    ],
    [
      "of a very slow check that wobbles",
      (now, before, tick) =>
        judgeRound(check, [answer("weur", now, probed.good("a", now, [3_100, 2_700][tick % 2]!))], now, before),
    ],
    [
      "of an outage that more regions see, or fewer, and some of them otherwise",
      (now, _, tick) =>
        judgeRound(
          check,
          [
            answer("weur", now, probed.failed("a", now, "refused")),
            answer("enam", now, probed.failed("a", now, "refused")),
            answer("apac", now, tick % 2 ? null : probed.failed("a", now, tick % 4 ? "timeout" : "refused")),
          ],
          now,
        ),
    ],
    [
      "of a certificate that ends ever sooner",
      (now, _, tick) =>
        judgeRound(
          check,
          [answer("weur", now, probed.warning("a", now, 40, `certificate ends in ${14 - tick} days`))],
          now,
        ),
    ],
    [
      "of an instance that is up, whoever says so",
      (now, _, tick) =>
        judgeInstance(
          {
            provider: null,
            agent: { ...agent, lastSampleAt: now },
            checks: tick % 2 ? [{ ...unreached, verdict: "up", reachesHost: true }] : [],
          },
          now,
        ),
    ],
  ])("%s", (_, findings) => {
    expect(written(10, findings)).toBe(0);
  });
});

describe("written down is", () => {
  it.each<[before: Finding | null, now: Finding | null]>([
    [null, found("up", "HTTPS answers")],
    [found("up", "HTTPS answers"), null],
    [found("up", "HTTPS answers"), found("degraded", "slow: 1.4 s")],
    [found("degraded", "slow: 2.9 s"), found("degraded", "very slow: 3.1 s")],
    [found("down", "HTTPS refused from 3 of 3 regions"), found("down", "HTTPS answered 503 to 3 of 3 regions")],
    [found("down", "HTTPS answered 502 to 3 of 3 regions"), found("down", "HTTPS answered 503 to 3 of 3 regions")],
    [found("degraded", "unreachable from Africa only"), found("degraded", "unreachable from Oceania only")],
  ])("%j → %j", (before, now) => {
    expect(sameJudgement(before, now)).toBe(false);
    expect(sameJudgement(before, before)).toBe(true);
  });

  it("since the verdict became this one, whatever becomes of the reason", () => {
    const first = judgementAfter(null, found("down", "HTTPS refused from 3 of 3 regions"), T0);
    expect(first).toEqual({ ...found("down", "HTTPS refused from 3 of 3 regions"), since: T0 });
    const other = judgementAfter(first, found("down", "unreachable from 3 of 3 regions"), T0 + TICK);
    expect(other).toMatchObject({ since: T0, reason: "unreachable from 3 of 3 regions" });
    expect(judgementAfter(other, found("up", "HTTPS answers"), T0 + 2 * TICK).since).toBe(T0 + 2 * TICK);
  });
});
