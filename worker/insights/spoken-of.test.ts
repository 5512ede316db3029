import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { EVIDENCE_MAX, insightChartSchema, type AnomalySpan } from "../../contract/insights.ts";
import { Chance } from "../../tests/chance.ts";
import { knowInstance } from "../testing/history.ts";
import { database } from "../db/client.ts";
import type { Finding, Machine, MachineHistory } from "./engine.ts";
import { anomalyFindings } from "./local/anomaly-findings.ts";
import { changeFindings } from "./local/change-findings.ts";
import { correlationFindings } from "./local/correlation-findings.ts";
import type { Weighed } from "./local/few.ts";
import { history, HOUR, hourly, hourOfDay, machine, normal, NOW, quietSeries, type Maker } from "./local/made.cases.ts";
import { patternFindings } from "./local/pattern-findings.ts";
import { wasteFindings } from "./local/waste-findings.ts";
import { patternsIn } from "./snowflake/learned-patterns.ts";
import { areNumbersSupported } from "./snowflake/numbers.ts";
import { keepFindings, listInsights } from "./store.ts";

const MANY = 25;
const LAST = `id-${nameOf(MANY - 1)}`;
const PRICE = { amount: 160, currency: "USD" };
const chance = new Chance(71);
const random = () => chance.next();

function nameOf(place: number): string {
  return `web-${String(place).padStart(2, "0")}`;
}

function fleet(of: (machine: Machine, place: number) => MachineHistory, given: Partial<Machine> = {}) {
  return Array.from({ length: MANY }, (_, place) => of(machine(nameOf(place), given), place));
}

/** The last of them by far the most unusual, and each at its own minutes. */
function stoodOut(one: Machine, place: number): MachineHistory {
  const from = NOW - 10 * HOUR + place * 60_000;
  const isPeak = place === MANY - 1;
  const span: AnomalySpan = {
    metric: "cpu_busy_ratio",
    from,
    to: from + HOUR / 2 + place * 60_000,
    peakAt: from + HOUR / 4,
    value: isPeak ? 0.99 : 0.8 + place / 1_000,
    usualLow: 0.1,
    usualHigh: isPeak ? 0.23 : 0.3,
    score: isPeak ? 0.99 : 0.9,
  };
  return history(one, {}, { spans: [span] });
}

/** Moves of two series that all of them share. */
function shared(): Maker {
  const kept = new Map<number, number>();
  return (at) => kept.get(at) ?? kept.set(at, normal(random)).get(at)!;
}
const cause = shared();

const small = { cpu_busy_ratio: () => -0.4, memory_used_ratio: () => -0.3 };
const risen =
  (place: number): Maker =>
  (_, hour) =>
    hour >= -240 - (place % 5) ? 0.3 : 0;
/** The disk is busy an hour longer than the network. */
const nightly: Record<string, Maker> = {
  disk_util_ratio: (at) => ([2, 3].includes(hourOfDay(at)) ? 0.6 : 0),
  network_transmit_bytes_per_second: (at) => (hourOfDay(at) === 2 ? 9e6 : 0),
};

const FOUND: [what: string, find: () => readonly Weighed[]][] = [
  ["stood out at one time", () => anomalyFindings(fleet(stoodOut), NOW)],
  [
    "changed at one time",
    () =>
      changeFindings(
        fleet((one, place) => history(one, quietSeries(random, { cpu_busy_ratio: risen(place) }))),
        NOW,
      ),
  ],
  [
    "come back at one time",
    () =>
      patternFindings(
        fleet((one) => history(one, quietSeries(random, nightly))),
        NOW,
      ),
  ],
  [
    "move together",
    () =>
      correlationFindings(
        fleet((one) =>
          history(one, {
            network_transmit_bytes_per_second: hourly((at, hour) => 1e6 + cause(at, hour) * 2e5 + 3e4 * normal(random)),
          }),
        ),
        NOW,
      ),
  ],
  [
    "are too large",
    () =>
      wasteFindings(
        fleet((one) => history(one, quietSeries(random, small)), { plan: "c-16", cpuCount: 16, monthlyCost: PRICE }),
        NOW,
      ),
  ],
  [
    "never sent anything",
    () =>
      wasteFindings(
        fleet((one) => history(one, {}), { monthlyCost: PRICE }),
        NOW,
      ),
  ],
];

const lone = (series: Record<string, Maker>, given: Partial<Machine> = {}) =>
  history(machine("db-1", given), quietSeries(random, series));

const ALONE: [what: string, find: () => readonly Weighed[]][] = [
  ["stood out", () => anomalyFindings([stoodOut(machine("db-1", { bootAt: NOW - 10 * HOUR }), 3)], NOW)],
  ["changed", () => changeFindings([lone({ cpu_busy_ratio: risen(0) }, { bootAt: NOW - 240 * HOUR })], NOW)],
  ["has metrics that come back", () => patternFindings([lone(nightly)], NOW)],
  [
    "has metrics that go against each other",
    () =>
      correlationFindings(
        [
          lone({
            cpu_busy_ratio: (at, hour) => cause(at, hour) * 0.1,
            memory_used_ratio: (at, hour) => -cause(at, hour) * 0.1,
          }),
        ],
        NOW,
      ),
  ],
  [
    "Snowflake found to come back",
    () =>
      patternsIn(
        [["id-db-1", "cpu_busy_ratio", 672, 0.2, 0.8, 2, 0.9, 0.8, 2, 0.9]],
        [history(machine("db-1"), {})],
        NOW,
      ),
  ],
  ["is too large", () => wasteFindings([lone(small, { cpuCount: 16, monthlyCost: PRICE })], NOW)],
  [
    "fell silent",
    () =>
      wasteFindings(
        [
          history(machine("db-1", { monthlyCost: PRICE }), {
            cpu_busy_ratio: hourly((_, hour) => (hour > -300 ? NaN : 0.4)),
          }),
        ],
        NOW,
      ),
  ],
  [
    "does nearly nothing",
    () =>
      wasteFindings(
        [
          history(machine("db-1", { monthlyCost: PRICE }), {
            cpu_busy_ratio: hourly(() => 0.01),
            network_receive_bytes_per_second: hourly(() => 900),
            network_transmit_bytes_per_second: hourly(() => 900),
          }),
        ],
        NOW,
      ),
  ],
  ["never sent anything", () => wasteFindings([history(machine("db-1", { monthlyCost: PRICE }), {})], NOW)],
];

/** How many are not named is how many it is about, less those that are. */
const withoutUnnamed = (text: string) => text.replaceAll(/ and \d+ more/g, "");

function citedBy({ evidence }: Finding, ids: readonly string[]) {
  return evidence.filter(({ id }) => ids.includes(id));
}

function expectSupported(one: Finding): void {
  for (const { text, evidence } of one.claims) {
    const cited = citedBy(one, evidence);
    const words = cited.map((row) => row.words);
    expect(areNumbersSupported(withoutUnnamed(text), cited), `${text}\n${words.join("\n")}`).toBe(true);
  }
}

describe.each(FOUND)("of 25 instances that %s", (_, find) => {
  const found = find().map(({ finding }) => finding);
  const [one] = found;

  test("all are among what the finding is about, and each once", () => {
    expect(found).toHaveLength(1);
    const ids = one!.subjects.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(Array.from({ length: MANY }, (_, place) => `id-${nameOf(place)}`));
  });

  test("nothing is said of another one, and the chart has no more than fit", () => {
    const ids = new Set(one!.subjects.map(({ id }) => id));
    for (const { subject, words } of one!.evidence) expect(subject === null || ids.has(subject), words).toBe(true);
    for (const id of one!.chart?.subjects ?? []) expect(ids.has(id)).toBe(true);
    if (one!.chart) expect(insightChartSchema.safeParse(one!.chart).error).toBeUndefined();
    expect(one!.evidence.length).toBeLessThan(EVIDENCE_MAX);
  });

  test("every number that is claimed is in the evidence that the claim names", () => {
    expectSupported(one!);
  });
});

describe.each(ALONE)("of one instance that %s", (_, find) => {
  test("every number that is claimed is in the evidence that the claim names", () => {
    const found = find().map(({ finding }) => finding);
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expectSupported(one);
  });
});

test("what is said of the most unusual of many is said by its own reading, and drawn", () => {
  const [{ finding }] = anomalyFindings(fleet(stoodOut), NOW) as [Weighed];
  const claim = finding.claims.at(-1)!;
  expect(claim.text).toContain(`CPU use of ${nameOf(MANY - 1)} was unusually high: 99 %`);
  expect(citedBy(finding, claim.evidence)).toMatchObject([{ subject: LAST, value: 0.99 }]);
  expect(finding.chart!.subjects).toContain(LAST);
});

describe("somebody who is limited to tags", () => {
  const db = database(env.DB);
  beforeEach(async () => {
    await env.DB.batch([env.DB.prepare("DELETE FROM insight"), env.DB.prepare("DELETE FROM instance")]);
  });
  const seenBy = async (tags: string[]) =>
    (await listInsights(db, { dismissed: "no", limit: 50 }, tags, NOW)).insights.length;

  test("is not told of many of which one is hidden, whichever it is", async () => {
    for (let place = 0; place < MANY; place++) {
      await knowInstance(`id-${nameOf(place)}`, [place === MANY - 1 ? "secret" : "shop"]);
    }
    for (const [what, find] of FOUND) {
      await env.DB.prepare("DELETE FROM insight").run();
      const found = find().map(({ finding }) => finding);
      expect(await keepFindings(db, found, { name: "local", model: null }, NOW), what).toBe(1);
      expect([await seenBy(["shop"]), await seenBy(["shop", "secret"])], what).toEqual([0, 1]);
    }
  });
});
