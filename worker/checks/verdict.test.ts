import { describe, expect, it } from "vitest";
import { targetSchema, type Target } from "../../contract/checks.ts";
import type { Region } from "../../contract/regions.ts";
import { answer, probed } from "../testing/answers.ts";
import type { Finding } from "./judgement.ts";
import type { Failure } from "./probe.ts";
import type { Answer } from "./round.ts";
import { judgeRound } from "./verdict.ts";

const NOW = 1_790_000_000_000;
const HTTPS = targetSchema.parse({ kind: "http", url: "https://shop.example/" });
const TCP: Target = { kind: "tcp", host: "shop.example", port: 22 };
const TLS: Target = { kind: "tls", host: "shop.example", port: 443, warnDays: 14 };
const DNS: Target = { kind: "dns", name: "shop.example", type: "A", expect: [], resolver: "https://resolver.example" };
const limits = { slowMs: 1_000, badMs: 3_000 };
const judge = (answers: Answer[], target: Target = HTTPS, before: Finding | null = null) =>
  judgeRound({ target, ...limits }, answers, NOW, before);

const ok = (region: Region, ms = 40) => answer(region, NOW, probed.good("a", NOW, ms));
const no = (region: Region, failure: Failure, words?: string, connectMs?: number) =>
  answer(region, NOW, probed.failed("a", NOW, failure, words, connectMs));
const blind = (region: Region) => ({ ...no(region, "unreachable"), isBlind: true });
const unable = (region: Region) => answer(region, NOW, probed.unable("a", NOW));
const gone = (region: Region) => answer(region, NOW, null);

type Round = [answers: Answer[], verdict: string, reason: string, target?: Target];
const ROUNDS: Round[] = [
  [[ok("weur"), ok("enam"), ok("apac")], "up", "HTTPS answers"],
  [[ok("weur")], "up", "HTTPS answers"],
  [[ok("weur"), blind("enam"), unable("apac"), gone("oc")], "up", "HTTPS answers"],

  [[no("weur", "refused"), no("enam", "refused"), no("apac", "refused")], "down", "HTTPS refused from 3 of 3 regions"],
  [[no("weur", "refused"), no("enam", "refused")], "down", "port 22 refused from 2 of 2 regions", TCP],
  [
    [no("weur", "timeout"), ok("enam"), no("apac", "timeout")],
    "down",
    "HTTPS did not answer within 5 s, seen from 2 of 3 regions",
  ],
  [
    [no("weur", "status"), blind("enam"), no("apac", "status", "answered 503 in 1.4 s")],
    "down",
    "HTTPS answered 503 to 2 of 2 regions",
  ],
  [[no("weur", "unreachable"), no("enam", "unreachable")], "down", "unreachable from 2 of 2 regions"],
  [
    [no("weur", "name"), no("enam", "name")],
    "down",
    "HTTPS found no address for shop.example, seen from 2 of 2 regions",
  ],
  [[no("weur", "tls"), no("enam", "tls")], "down", "TLS certificate is not valid, seen from 2 of 2 regions", TLS],
  [[no("weur", "content"), no("enam", "content")], "down", "HTTPS body lacks “welcome”, seen from 2 of 2 regions"],
  [[no("weur", "cut"), no("enam", "cut")], "down", "HTTPS gave no HTTP answer, seen from 2 of 2 regions"],
  [
    [no("weur", "refused"), no("enam", "timeout"), no("apac", "refused")],
    "down",
    "HTTPS refused from 2 of 3 regions, failed otherwise from 1",
  ],
  [
    [no("weur", "timeout"), no("enam", "refused")],
    "down",
    "HTTPS did not answer within 5 s, seen from 1 of 2 regions, failed otherwise from 1",
  ],

  [[no("weur", "unreachable"), ok("enam"), ok("apac")], "degraded", "unreachable from Western Europe only"],
  [[ok("enam"), no("weur", "status"), ok("apac")], "degraded", "HTTPS answered 503 to Western Europe only"],
  [
    [ok("enam"), no("weur", "refused"), ok("apac"), no("afr", "timeout"), ok("oc")],
    "degraded",
    "HTTPS failed from Western Europe and Africa only",
  ],

  [[no("weur", "refused"), ok("enam")], "unsure", "HTTPS refused from Western Europe, well from Eastern North America"],
  [
    [no("weur", "refused"), ok("enam"), ok("oc"), no("me", "refused")],
    "unsure",
    "HTTPS refused from Western Europe and Middle East, well from Eastern North America and Oceania",
  ],
  [[no("weur", "refused")], "unsure", "HTTPS refused from Western Europe; nobody else could look"],
  [
    [no("weur", "tls"), blind("enam"), unable("apac"), gone("oc")],
    "unsure",
    "TLS certificate is not valid, seen from Western Europe; nobody else could look",
    TLS,
  ],
  [[blind("weur"), blind("enam"), blind("apac")], "unsure", "our own probers failed"],
  [[unable("weur"), gone("enam")], "unsure", "our own probers failed"],
  [[], "unsure", "our own probers failed"],
  [[no("weur", "forbidden"), no("enam", "forbidden")], "unsure", "HTTPS redirects to 10.0.0.1, which may not be asked"],
];

describe("a round comes to", () => {
  it.each(ROUNDS.map((round): [string, Round] => [`${round[1]}: ${round[2]}`, round]))(
    "%s",
    (_, [answers, verdict, reason, target]) => {
      const found = judge(answers, target);
      expect([found.verdict, found.reason]).toEqual([verdict, reason]);
      // In whatever order the regions were heard.
      expect(judge(answers.toReversed(), target)).toEqual(found);
    },
  );

  it("what each region said, those that could not tell as well", () => {
    const later = answer("oc", NOW, probed.good("a", NOW + 5_000, 40));
    const { witnesses } = judge([
      ok("weur"),
      no("enam", "refused"),
      blind("apac"),
      gone("me"),
      ok("sam", 1_000),
      later,
    ]);
    expect(witnesses.map(({ name, says, words }) => [name, says, words])).toEqual([
      ["enam", "down", "refused the connection"],
      ["sam", "slow", "answered 200 in 1000 ms"],
      ["weur", "up", "answered 200 in 40 ms"],
      ["apac", "nothing", "our own network was away"],
      ["oc", "up", "answered 200 in 40 ms"],
      ["me", "nothing", "our prober did not answer"],
    ]);
    expect(Math.max(...witnesses.map(({ at }) => at))).toBe(NOW);
  });
});

it.each<[words: [string, string], reason: string, target?: Target]>([
  [
    ["lacks “1.2.3.4”: it answered “5.6.7.8, 5.6.7.9”", "lacks “1.2.3.4”: it answered “5.6.7.9, 5.6.7.8”"],
    "DNS lacks “1.2.3.4”, seen from 2 of 2 regions",
    DNS,
  ],
  [
    ["body says that “queue.length” is 1718, not 0", "body says that “queue.length” is 1731, not 0"],
    "HTTPS body says that “queue.length” is not 0, seen from 2 of 2 regions",
  ],
])(
  "what was answered instead is for the witness: it may be another each time and everywhere: %j",
  (words, reason, target) => {
    const found = judge([no("weur", "content", words[0]), no("enam", "content", words[1])], target);
    expect(found.reason).toBe(reason);
    expect(found.witnesses.map((witness) => witness.words)).toEqual(words.toReversed());
  },
);

describe("how fast it answered", () => {
  it.each<[ms: number[], verdict: string, reason: string, median: number]>([
    [[40, 900, 999], "up", "HTTPS answers", 900],
    [[40, 1_000, 2_000], "degraded", "slow: 1 s", 1_000],
    [[1_400, 40, 5_000], "degraded", "slow: 1.4 s", 1_400],
    [[3_000, 3_240, 9_000], "degraded", "very slow: 3.2 s", 3_240],
    [[2_000, 800], "degraded", "slow: 1.4 s", 1_400],
  ])("%j ms: %s", (ms, verdict, reason, median) => {
    const regions: Region[] = ["weur", "enam", "apac"];
    const found = judge([...ms.map((one, index) => ok(regions[index]!, one)), no("oc", "forbidden"), blind("me")]);
    expect(found).toMatchObject({ verdict, reason, responseMs: median });
  });

  it.each<[was: number, now: number, verdict: string, reason: string]>([
    [1_100, 950, "degraded", "slow: 950 ms"],
    [1_100, 799, "up", "HTTPS answers"],
    [3_100, 2_500, "degraded", "very slow: 2.5 s"],
    [3_100, 2_300, "degraded", "slow: 2.3 s"],
    [3_100, 850, "degraded", "slow: 850 ms"],
    [1_100, 2_900, "degraded", "slow: 2.9 s"],
    [900, 950, "up", "HTTPS answers"],
  ])("that wobbles about a limit is no news: after %i ms, %i ms", (was, now, verdict, reason) => {
    expect(judge([ok("weur", now)], HTTPS, judge([ok("weur", was)]))).toMatchObject({ verdict, reason });
  });

  it("is not told where nobody got an answer", () => {
    expect(judge([no("weur", "refused"), blind("enam")]).responseMs).toBeNull();
  });

  it("does not matter where a certificate is about to end: that is what is said", () => {
    const ends = answer("enam", NOW, probed.warning("a", NOW, 2_000, "certificate ends in 6 days"));
    expect(judge([ok("weur"), ends, ok("apac")], TLS)).toMatchObject({
      verdict: "degraded",
      reason: "TLS certificate ends in 6 days",
      responseMs: 40,
    });
  });
});

describe("whether the host was reached", () => {
  it.each<[says: string, answers: Answer[], reaches: boolean | null, target?: Target]>([
    ["one got there", [ok("weur"), no("enam", "unreachable")], true],
    ...(["refused", "tls", "cut", "protocol", "redirects", "status", "content"] as const).map(
      (failure): [string, Answer[], boolean] => [failure, [no("weur", failure), no("enam", "unreachable")], true],
    ),
    ["it connected, and was too slow", [no("weur", "timeout", "too slow", 40)], true],
    ["nobody saw a connection", [no("weur", "timeout"), no("enam", "unreachable"), no("apac", "name")], false],
    ["the only one that could look did not get there", [no("weur", "unreachable"), blind("enam"), gone("apac")], false],
    ["nobody could look", [blind("weur"), unable("enam"), gone("apac")], null],
    ["nobody may look", [no("weur", "forbidden")], null],
    ["a resolver knows the name, and not the host", [ok("weur"), ok("enam")], null, DNS],
    ["a resolver knows another address", [no("weur", "content")], null, DNS],
  ])("%s", (_, answers, reaches, target) => {
    expect(judge(answers, target).reachesHost).toBe(reaches);
  });
});
