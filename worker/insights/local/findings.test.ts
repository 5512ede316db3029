import { describe, expect, test } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import type { AnomalySpan } from "../../../contract/insights.ts";
import type { MachineHistory } from "../engine.ts";
import { anomalyFindings } from "./anomaly-findings.ts";
import { changeFindings } from "./change-findings.ts";
import { correlationFindings } from "./correlation-findings.ts";
import { EvidenceList } from "./evidence-list.ts";
import { boundFor, few, type Weighed } from "./few.ts";
import {
  DAY,
  history,
  HOUR,
  hourly,
  hourOfDay,
  machine,
  normal,
  NOW,
  quietSeries,
  wandering,
  weekday,
} from "./made.cases.ts";
import { patternFindings } from "./pattern-findings.ts";
import { isWorthTelling } from "./worth-telling.ts";

const chance = new Chance(51);
const random = () => chance.next();
const titles = (found: readonly Weighed[]) => found.map(({ finding }) => finding.title);

function span(metric: string, given: Partial<AnomalySpan> = {}): AnomalySpan {
  const from = NOW - 10 * HOUR;
  return {
    metric,
    from,
    to: from + HOUR / 2,
    peakAt: from + HOUR / 4,
    value: 0.97,
    usualLow: 0.1,
    usualHigh: 0.3,
    score: 0.99,
    ...given,
  };
}

const stood = (name: string, ...spans: AnomalySpan[]): MachineHistory => history(machine(name), {}, { spans });

describe("what stood out", () => {
  test("in several metrics of a machine at one time is one finding", () => {
    const [one, ...more] = anomalyFindings(
      [stood("db-1", span("cpu_busy_ratio"), span("disk_util_ratio"), span("memory_used_ratio"))],
      NOW,
    );
    expect(more).toEqual([]);
    expect(one!.finding.title).toBe("db-1's CPU use, memory use and disk activity were unusual at the same time");
    expect(one!.finding.severity).toBe("warning");
    expect(one!.finding.claims).toHaveLength(3);
  });

  test("at two times is two findings", () => {
    const later = { from: NOW - 3 * HOUR, to: NOW - 2 * HOUR, peakAt: NOW - 2.5 * HOUR };
    expect(
      titles(anomalyFindings([stood("db-1", span("cpu_busy_ratio"), span("cpu_busy_ratio", later))], NOW)),
    ).toEqual(["db-1's CPU use was unusually high: 97 %", "db-1's CPU use was unusually high: 97 %"]);
  });

  test("twice within an hour has a key each", () => {
    const later = { from: NOW - 10 * HOUR + 55 * 60_000, to: NOW - 9 * HOUR, peakAt: NOW - 9 * HOUR };
    const found = anomalyFindings([stood("a", span("cpu_busy_ratio"), span("disk_util_ratio", later))], NOW);
    expect(new Set(found.map(({ finding }) => finding.key)).size).toBe(2);
  });

  test("in one metric of many machines at one time is one finding, and no other of them", () => {
    const found = anomalyFindings(
      ["a", "b", "c", "d"].map((name) => stood(name, span("cpu_busy_ratio"))),
      NOW,
    );
    expect(titles(found)).toEqual(["CPU use was unusually high on a, b and 2 more at the same time"]);
    expect(found[0]!.finding.subjects).toHaveLength(4);
    expect(found[0]!.finding.severity).toBe("warning");
  });

  test("on many machines at different times is a finding each", () => {
    const machines = [0, 1, 2].map((place) => {
      const from = NOW - (20 - 5 * place) * HOUR;
      return stood(`m-${place}`, span("cpu_busy_ratio", { from, to: from + HOUR, peakAt: from }));
    });
    expect(anomalyFindings(machines, NOW)).toHaveLength(3);
  });

  test("upwards on some and downwards on others is not one time", () => {
    const low = span("cpu_busy_ratio", { value: 0, usualLow: 0.4, usualHigh: 0.6 });
    const found = anomalyFindings([stood("a", low), stood("b", low), stood("c", span("cpu_busy_ratio"))], NOW);
    expect(titles(found).sort()).toEqual([
      "a's CPU use was unusually low: 0 %",
      "b's CPU use was unusually low: 0 %",
      "c's CPU use was unusually high: 97 %",
    ]);
  });

  test("and goes on is told as such, with what can be done now", () => {
    const [one] = anomalyFindings([stood("a", span("cpu_busy_ratio", { to: NOW, from: NOW - 7 * HOUR }))], NOW);
    expect(one!.finding.title).toBe("a's CPU use is unusually high: 97 %");
    expect(one!.finding.severity).toBe("warning");
    expect(one!.finding.actions[0]).toContain("now");
  });

  test("four days ago is not told any more, nor is what nobody would notice", () => {
    const old = { from: NOW - 4 * DAY, to: NOW - 4 * DAY + HOUR, peakAt: NOW - 4 * DAY };
    const small = { value: 0.33 };
    expect(anomalyFindings([stood("a", span("cpu_busy_ratio", old), span("cpu_busy_ratio", small))], NOW)).toEqual([]);
  });

  test("a little is told where another series stood out beside it, or other machines, and not alone", () => {
    const weak = (metric: string) => span(metric, { score: 0.7 });
    expect(anomalyFindings([stood("a", weak("cpu_busy_ratio"))], NOW)).toEqual([]);
    expect(anomalyFindings([stood("a", weak("cpu_busy_ratio"), weak("load_5m"))], NOW)).toEqual([]);
    expect(anomalyFindings([stood("a", weak("cpu_busy_ratio"), weak("disk_util_ratio"))], NOW)).toHaveLength(1);
    expect(
      anomalyFindings(
        ["a", "b", "c"].map((name) => stood(name, weak("cpu_busy_ratio"))),
        NOW,
      ),
    ).toHaveLength(1);
  });

  test("on one machine for long is not at the same time as whatever else comes meanwhile", () => {
    const long = span("cpu_busy_ratio", { to: NOW - HOUR });
    const later = (hours: number) =>
      span("cpu_busy_ratio", { from: NOW - hours * HOUR, to: NOW - hours * HOUR + HOUR });
    expect(anomalyFindings([stood("a", long), stood("b", later(7)), stood("c", later(4))], NOW)).toHaveLength(3);
  });

  test("within what is usual is not told: nothing would be seen of it", () => {
    expect(
      anomalyFindings([stood("a", span("cpu_busy_ratio", { value: 0.5, usualLow: 0.1, usualHigh: 0.7 }))], NOW),
    ).toEqual([]);
  });

  test("below the one bound that is known is low", () => {
    const [one] = anomalyFindings(
      [stood("a", span("cpu_busy_ratio", { value: 0, usualLow: 0.4, usualHigh: null }))],
      NOW,
    );
    expect(one!.finding.title).toBe("a's CPU use was unusually low: 0 %");
    expect(one!.finding.claims[0]!.text).toContain("usual then is at least 40 %");
  });

  test("is held against the same hour of other weeks where the detector knew nothing usual", () => {
    const series = { cpu_busy_ratio: hourly(() => 0.2 + 0.01 * normal(random)) };
    const unknown = span("cpu_busy_ratio", { usualLow: null, usualHigh: null });
    const [one] = anomalyFindings([history(machine("a"), series, { spans: [unknown] })], NOW);
    expect(one!.finding.claims[0]!.text).toMatch(/usual then is 1\d % to 2\d %/);
  });

  test("at a restart says so", () => {
    const bootAt = NOW - 10 * HOUR + 60_000;
    const [one] = anomalyFindings([history(machine("a", { bootAt }), {}, { spans: [span("cpu_busy_ratio")] })], NOW);
    expect(one!.finding.claims.at(-1)!.text).toBe("a was started anew on Thursday, 26 Nov, 00:01 UTC.");
  });
});

describe("a level that changed", () => {
  const risen = (name: string, hours = 240, bootAt: number | null = null) =>
    history(
      machine(name, { bootAt }),
      quietSeries(random, { cpu_busy_ratio: (_, hour) => (hour >= -hours ? 0.3 : 0) }),
    );

  test("is told with what it was and is", () => {
    const [one] = changeFindings([risen("a")], NOW);
    expect(one!.finding.title).toMatch(/^a's CPU use rose from 5\d % to 8\d % and stayed$/);
    expect(one!.finding.severity).toBe("warning");
    expect(one!.finding.at).toBe(NOW - 240 * HOUR);
  });
  test("at a restart names it", () => {
    const [one] = changeFindings([risen("a", 240, NOW - 239 * HOUR)], NOW);
    expect(one!.finding.claims.at(-1)!.text).toMatch(/^a was started anew on .* at about the same time\.$/);
  });
  test("on three machines at once is one finding", () => {
    const found = changeFindings(
      ["a", "b", "c"].map((name) => risen(name)),
      NOW,
    );
    expect(titles(found)).toEqual(["CPU use of a, b and c rose at the same time and stayed"]);
  });
  test("a month ago is not told any more", () => expect(changeFindings([risen("a", 30 * 24)], NOW)).toEqual([]));
});

describe("what comes back", () => {
  const nightly = (name: string) =>
    history(
      machine(name),
      quietSeries(random, {
        disk_util_ratio: (at) => (hourOfDay(at) === 2 ? 0.6 : 0),
        network_transmit_bytes_per_second: (at) => (hourOfDay(at) === 2 ? 9e6 : 0),
      }),
    );

  test("in several metrics at one time is one finding", () => {
    const found = patternFindings([nightly("db-1")], NOW);
    expect(titles(found)).toEqual([
      "db-1's outgoing traffic and disk activity rise every day between 02:00 and 03:00 UTC",
    ]);
    expect(found[0]!.finding.actions[0]).toContain("a backup");
  });
  test("on three machines at one time is one finding", () => {
    const [one, ...more] = patternFindings(["c", "b", "a"].map(nightly), NOW);
    expect(more).toEqual([]);
    expect(one!.finding.title).toBe(
      "a, b and c's outgoing traffic and disk activity rise every day between 02:00 and 03:00 UTC",
    );
    expect(one!.finding.claims[1]!.text).toMatch(
      /^Every day between 02:00 and 03:00 UTC, disk activity is high on 3 instances, for example on a: (79|8\d) %, 4 times the usual (19|20) %\.$/,
    );
    expect(one!.finding.subjects.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });
  test("are quiet weekends", () => {
    const series = quietSeries(random, { cpu_busy_ratio: (at) => (weekday(at) >= 5 ? -0.4 : 0) });
    expect(titles(patternFindings([history(machine("a"), series)], NOW))).toEqual(["a's weekends are quiet: CPU use"]);
  });
  test("but is small is not told", () => {
    const series = quietSeries(random, { cpu_busy_ratio: (at) => (hourOfDay(at) === 2 ? 0.06 : 0) });
    expect(patternFindings([history(machine("a"), series)], NOW)).toEqual([]);
  });
});

describe("what moves together", () => {
  function common(height: number) {
    const noise = wandering(random, 0.7);
    const kept = new Map<number, number>();
    return (at: number) => height * (kept.get(at) ?? kept.set(at, noise(at, 0)).get(at)!);
  }

  test("of machines that do the same work is one finding, however many they are", () => {
    const cause = common(1);
    const machines = ["a", "b", "c", "d", "e"].map((name) =>
      history(
        machine(name),
        quietSeries(random, {
          network_transmit_bytes_per_second: (at) => cause(at) * 2e5,
          cpu_busy_ratio: (at) => cause(at) * 0.09,
        }),
      ),
    );
    expect(titles(correlationFindings(machines, NOW))).toEqual([
      "CPU use and outgoing traffic of a, b and 3 more move together",
    ]);
  });
  test("between two machines names who follows whom", () => {
    const cause = common(1);
    const machines = [
      history(machine("web-1"), quietSeries(random, { network_receive_bytes_per_second: (at) => cause(at) * 1e5 })),
      history(machine("db-1"), quietSeries(random, { disk_util_ratio: (at) => cause(at - 2 * HOUR) * 0.06 })),
    ];
    const [one] = correlationFindings(machines, NOW);
    expect(one!.finding.title).toBe("db-1's disk activity follows web-1's incoming traffic, 2 hours later");
    expect(one!.finding.actions[0]).toContain("db-1 works for web-1");
  });
  test("among more than 64 machines is looked for where a tag or a region is shared", () => {
    const cause = common(1);
    const of = (name: string, region: string, tags: string[]) =>
      history(machine(name, { region, tags }), {
        network_transmit_bytes_per_second: hourly((at) => 1e6 + cause(at) * 2e5 + 1e4 * normal(random)),
      });
    const others = Array.from({ length: 70 }, (_, place) =>
      history(machine(`z-${place}`, { region: `r-${place}` }), {}),
    );
    const found = correlationFindings(
      [of("a", "x", ["shop"]), of("b", "y", ["shop"]), of("c", "z", []), ...others],
      NOW,
    );
    expect(titles(found)).toEqual(["Outgoing traffic of a and b moves together"]);
  });
  test("by an amount that nobody notices is not told", () => {
    const cause = common(1);
    const series = () => ({ cpu_busy_ratio: hourly((at) => 0.05 + cause(at) * 0.001 + 0.0001 * normal(random)) });
    expect(correlationFindings([history(machine("a"), series()), history(machine("b"), series())], NOW)).toEqual([]);
  });
});

describe("findings are few", () => {
  const [{ finding }] = anomalyFindings([stood("a", span("cpu_busy_ratio"))], NOW) as [Weighed];
  const weighed = (key: string, id: string, weight: number): Weighed => ({
    weight,
    finding: { ...finding, key, subjects: [{ id, name: id }] },
  });

  test("two of one machine, and the best of all", () => {
    const all = [
      weighed("1", "a", 1),
      weighed("2", "a", 3),
      weighed("3", "a", 2),
      weighed("4", "b", 0.5),
      weighed("5", "c", 0.1),
    ];
    expect(few(all, 3).map(({ key }) => key)).toEqual(["2", "3", "4"]);
  });
  test("the same ones in every run, in whatever order they come", () => {
    const all = Array.from({ length: 30 }, (_, place) => weighed(`k${place}`, `m${place}`, 1));
    const keys = few(all, 5).map(({ key }) => key);
    expect(few(chance.shuffled(all), 5).map(({ key }) => key)).toEqual(keys);
  });
  test("a fleet of 500 brings some hundred of a kind at most", () => expect(boundFor(500)).toBeLessThanOrEqual(104));
});

test("evidence is numbered, bounded, and has no number that is none", () => {
  const evidence = new EvidenceList();
  const ids = Array.from({ length: 60 }, (_, place) => evidence.add(`row ${place}`, { value: NaN }));
  expect(evidence.rows).toHaveLength(40);
  expect([ids[0], ids[39], ids[59]]).toEqual(["e1", "e40", "e40"]);
  expect(evidence.rows[0]!.value).toBeNull();
});

test.each([
  ["cpu_busy_ratio", 0.1, 0.19, false],
  ["cpu_busy_ratio", 0.1, 0.21, true],
  ["filesystem_used_ratio:/var", 0.5, 0.56, true],
  ["network_receive_bytes_per_second", 1_000, 9_000, false],
  ["network_receive_bytes_per_second", 900_000, 1_100_000, false],
  ["network_receive_bytes_per_second", 100_000, 300_000, true],
  ["load_5m", 0.1, 0.4, false],
  ["queue_depth", 10, 16, true],
])("a difference of %s from %d to %d is worth telling: %s", (metric, from, to, is) => {
  expect(isWorthTelling(metric, from, to)).toBe(is);
});
