import { describe, expect, it } from "vitest";
import { answer, probed } from "../testing/answers.ts";
import type { ProbeResult } from "./probe.ts";
import { collect, heardOf, shownResults, type Answer, type Call } from "./round.ts";

const T0 = 1_790_000_000_000;

const call = (
  region: Call["region"],
  checkIds: string[],
  results: Parameters<typeof probed.good>[0][],
  isBlind = false,
): Call => ({
  region,
  at: T0,
  checkIds,
  report: { region, at: T0 + 1, isBlind, busyMs: 5, results: results.map((id) => probed.good(id, T0, 40)) },
});

describe("a round", () => {
  it("holds one answer of each region that was asked, also of one that did not answer", () => {
    const rounds = new Map<string, Answer[]>();
    collect(rounds, call("weur", ["a", "b"], ["a", "b"]));
    collect(rounds, call("enam", ["a", "b"], ["b"]));
    collect(rounds, { region: "apac", at: T0, checkIds: ["a"], report: null });
    expect(rounds.get("a")!.map((one) => [one.region, heardOf(one)])).toEqual([
      ["weur", "good"],
      ["enam", "unable"],
      ["apac", "unable"],
    ]);
    expect(rounds.get("b")!.map((one) => [one.region, heardOf(one)])).toEqual([
      ["weur", "good"],
      ["enam", "good"],
    ]);
  });

  it("keeps a region's first answer: the same place is no second opinion", () => {
    const rounds = new Map<string, Answer[]>();
    collect(rounds, { region: "weur", at: T0, checkIds: ["a"], report: null });
    collect(rounds, call("weur", ["a"], ["a"]));
    expect(rounds.get("a")!.map(heardOf)).toEqual(["unable"]);
  });

  it("ignores what nobody asked for", () => {
    const rounds = new Map<string, Answer[]>();
    collect(rounds, call("weur", ["a"], ["a", "other"]));
    expect([...rounds.keys()]).toEqual(["a"]);
  });

  it("is shown by region: what failed on our own side is unknown, with the reason", () => {
    const failed = probed.failed("a", T0, "refused");
    const shown = shownResults(
      [
        answer("weur", T0, probed.good("a", T0, 41)),
        answer("enam", T0, probed.good("a", T0, 1_000)),
        answer("apac", T0, failed),
        answer("oc", T0, failed, true),
        answer("sam", T0, probed.unable("a", T0)),
        answer("me", T0, null),
        answer("afr", T0, probed.failed("a", T0, "forbidden")),
      ],
      { slowMs: 1_000 },
    );
    expect(shown.map(({ region, outcome, responseMs }) => [region, outcome, responseMs])).toEqual([
      ["weur", "ok", 41],
      ["enam", "slow", 1_000],
      ["apac", "failed", null],
      ["oc", "unknown", null],
      ["sam", "unknown", null],
      ["me", "unknown", null],
      ["afr", "unknown", null],
    ]);
    expect(shown.map(({ words }) => words).slice(2, 6)).toEqual([
      "refused the connection",
      "our own network was away",
      "no time was left",
      "our prober did not answer",
    ]);
  });

  it("says where the time went, as far as it is known, and of a failure nothing", () => {
    const good = probed.good("a", T0, 41) as Extract<ProbeResult, { kind: "good" }>;
    const phases = { connectMs: 12, firstByteMs: 38.4, totalMs: 41 };
    const words = (result: ProbeResult) => shownResults([answer("weur", T0, result)], { slowMs: 1_000 })[0]!.words;
    expect(words({ ...good, phases })).toBe(`${good.words}; connected after 12 ms, first byte after 38 ms`);
    expect(words({ ...good, phases: { ...phases, connectMs: null } })).toBe(`${good.words}; first byte after 38 ms`);
    expect(words({ ...good, phases: { connectMs: 41, firstByteMs: null, totalMs: 41 } })).toBe(good.words);
    const failed = probed.failed("a", T0, "refused");
    expect(words({ ...failed, phases } as ProbeResult)).toBe(failed.words);
  });
});
