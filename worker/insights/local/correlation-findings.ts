import type { SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Finding, Machine, MachineHistory } from "../engine.ts";
import { nounOf } from "../words/metric-noun.ts";
import { countOf, namesInWords, possessive, sentence } from "../words/names.ts";
import { clustersOf, isSaidOf, isSameMetric } from "./clusters.ts";
import { endOf } from "./even-series.ts";
import { EvidenceList } from "./evidence-list.ts";
import type { Weighed } from "./few.ts";
import { MOVES_HOURS, movesOf } from "./moves.ts";
import { movingTogether, type Mover, type Pair } from "./together.ts";
import { bySeries, familyOf, isWorthTelling } from "./worth-telling.ts";

const HOUR: DurationMs = 3_600_000;
const DAY: DurationMs = 24 * HOUR;
/** Up to so many machines all pairs are asked about; among more, those that share a tag or a region. */
const ALL_PAIRS_UP_TO = 64;
/** The load follows the processor everywhere: that is no news. */
const NOT_LOOKED_AT = new Set(["load_1m", "load_5m", "load_15m", "filesystem_inodes_used_ratio"]);
/** Pairs of different metrics on different machines that are told at most, the most alike first. */
const ACROSS_MAX = 6;

/** Readings that move together, beside what the hour of the week explains: within a machine, and between machines. */
export function correlationFindings(histories: readonly MachineHistory[], now: EpochMs): Weighed[] {
  const machines = histories.map(({ machine }) => machine);
  const end = Math.floor(now / HOUR) * HOUR;
  const movers = histories.flatMap(({ hourly }, machine) =>
    [...hourly.keys()].sort(bySeries).flatMap((metric): Mover[] => {
      const series = hourly.get(metric)!;
      if (NOT_LOOKED_AT.has(metric) || end - endOf(series) > 2 * DAY) return [];
      const moves = movesOf(series, end);
      // Changes that nobody would notice are noise that two machines may well share.
      return moves && isWorthTelling(metric, 0, moves.size, 0.2) ? [{ machine, metric, moves }] : [];
    }),
  );
  const isNear = nearness(machines);
  const pairs = movingTogether(movers, (a, b) =>
    a.machine === b.machine ? familyOf(a.metric) !== familyOf(b.metric) : isNear(a.machine, b.machine),
  );
  const between = pairs.filter(({ first, second }) => first.machine !== second.machine);
  const clusters = clustersOf(between);
  // Where machines do the same work, all of their metrics are alike crosswise, and within each: that is said once.
  const isSaid = (...ends: readonly Mover[]): boolean =>
    clusters.some(({ members, pairs: same }) =>
      ends.every(({ machine, metric }) => members.has(machine) && same.some(({ first }) => first.metric === metric)),
    );
  const across = between.filter((pair) => !isSameMetric(pair) && !isSaidOf(clusters, pair)).slice(0, ACROSS_MAX);
  const within = withinMachines(
    pairs.filter(({ first, second }) => first.machine === second.machine && !isSaid(first, second)),
    machines,
  );
  return [
    ...within.map((group) => finding(group, machines, now, "within")),
    ...clusters.map((cluster) => finding(cluster.pairs, machines, now, "cluster")),
    ...across.map((pair) => finding([pair], machines, now, "across")),
  ];
}

function nearness(machines: readonly Machine[]): (a: number, b: number) => boolean {
  if (machines.length <= ALL_PAIRS_UP_TO) return () => true;
  const tags = machines.map((machine) => new Set(machine.tags));
  return (a, b) => {
    const { region } = machines[a]!;
    return (region !== null && region === machines[b]!.region) || machines[b]!.tags.some((tag) => tags[a]!.has(tag));
  };
}

/** Two metrics of a machine; where they do so on several machines, that is one finding. */
function withinMachines(pairs: readonly Pair[], machines: readonly Machine[]): Pair[][] {
  const alike = Map.groupBy(pairs, ({ first, second, lag, likeness }) => {
    const metrics = [first.metric, second.metric];
    return `${(lag > 0 ? metrics : metrics.sort(bySeries)).join(" ")} ${lag} ${likeness > 0}`;
  });
  return [...alike.values()].map((group) =>
    group.toSorted((a, b) => byId(machines[a.first.machine]!, machines[b.first.machine]!)),
  );
}

function finding(
  pairs: readonly Pair[],
  machines: readonly Machine[],
  now: EpochMs,
  kind: "within" | "cluster" | "across",
): Weighed {
  const evidence = new EvidenceList();
  const [{ first, second, lag, likeness }] = pairs as [Pair];
  const subjects = [...new Set(pairs.flatMap((pair) => [pair.first.machine, pair.second.machine]))]
    .map((place) => machines[place]!)
    .sort(byId);
  const names = namesInWords(subjects.map(({ name }) => name));
  const metrics = [...new Set(pairs.flatMap((pair) => [pair.first.metric, pair.second.metric]))].sort(bySeries);
  const mean = pairs.reduce((sum, pair) => sum + Math.abs(pair.likeness), 0) / pairs.length;
  const all =
    pairs.length > 1
      ? [
          evidence.add(
            `${countOf(pairs.length, "pair")} of series of ${countOf(subjects.length, "instance")} (${names}) move so: rank correlation ${mean.toFixed(2)} of 1 in the mean.`,
          ),
        ]
      : [];
  const ids = [...all, ...pairs.slice(0, 12).map((pair) => evidenceOf(evidence, pair, machines))];
  const what = namesInWords(metrics.map(nounOf), 3);
  const move = likeness > 0 ? "move together" : "move against each other";
  const later = lag === 0 ? "" : `, ${countOf(lag, "hour")} later`;
  const how = lag > 0 ? "" : `: when one rises, the other ${likeness > 0 ? "does too" : "falls"}`;
  const title =
    kind === "cluster"
      ? `${sentence(what)} of ${names} ${metrics.length > 1 ? "move" : "moves"} together`
      : kind === "within"
        ? lag === 0
          ? `${possessive(names)} ${what} ${move}`
          : `${possessive(names)} ${nounOf(second.metric)} ${likeness > 0 ? "follows" : "goes against"} ${nounOf(first.metric)}${later}`
        : acrossTitle(pairs[0]!, machines);
  return {
    weight: mean + { within: 0, cluster: 0.2, across: 0.1 }[kind] + (lag > 0 ? 0.2 : 0) - weightOfUsual(metrics),
    finding: {
      key: keyOf(kind, pairs[0]!, subjects, metrics, machines),
      kind: "correlation",
      severity: "info",
      title,
      claims: [
        {
          text: `${title}, beside what the hour of the week explains${how} (${mean.toFixed(2)} of 1${pairs.length > 1 ? " in the mean" : ""}).`,
          evidence: ids,
        },
      ],
      actions: actionsFor(kind, pairs[0]!, machines),
      subjects: subjects.map(({ id, name }) => ({ id, name })),
      metrics,
      confidence: Math.min(0.99, mean),
      basis: `Spearman's rank correlation of hourly changes over ${MOVES_HOURS / 24} days, certain beyond the number of pairs looked at`,
      evidence: evidence.rows,
      chart: {
        subjects: subjects.slice(0, 8).map(({ id }) => id),
        metrics: metrics.slice(0, 4),
        from: now - 3 * DAY,
        to: now,
        limit: null,
        band: null,
        spans: [],
      },
      at: null,
      earliestAt: null,
      latestAt: null,
      monthlySaving: null,
      lastsMs: 3 * DAY,
    },
  };
}

/** That a machine is busy when it has traffic is what one expects of it. */
function weightOfUsual(metrics: readonly SeriesKey[]): number {
  return metrics.length === 2 && metrics.some((metric) => familyOf(metric) === "cpu") ? 0.3 : 0;
}

function acrossTitle({ first, second, lag, likeness }: Pair, machines: readonly Machine[]): string {
  const leading = `${possessive(machines[first.machine]!.name)} ${nounOf(first.metric)}`;
  const following = `${possessive(machines[second.machine]!.name)} ${nounOf(second.metric)}`;
  if (lag > 0)
    return `${following} ${likeness > 0 ? "follows" : "goes against"} ${leading}, ${countOf(lag, "hour")} later`;
  return `${leading} and ${following} ${likeness > 0 ? "move together" : "move against each other"}`;
}

function evidenceOf(
  evidence: EvidenceList,
  { first, second, lag, likeness }: Pair,
  machines: readonly Machine[],
): string {
  const machine = machines[first.machine]!;
  const other = machines[second.machine]!;
  const later = lag === 0 ? "in the same hour" : `${countOf(lag, "hour")} later`;
  const hours = Math.min(first.moves.heard, second.moves.heard);
  const words = `${sentence(nounOf(first.metric))} of ${machine.name} and ${nounOf(second.metric)} of ${other.name}, ${later}: rank correlation ${likeness.toFixed(2)} of ${likeness > 0 ? 1 : -1} over ${countOf(hours, "hour")}.`;
  return evidence.add(words, { machine, metric: first.metric });
}

function keyOf(
  kind: string,
  { first, second, lag }: Pair,
  subjects: readonly Machine[],
  metrics: readonly SeriesKey[],
  machines: readonly Machine[],
): string {
  if (kind !== "across") return `correlation ${kind} ${metrics.join(" ")} ${lag > 0 ? "later " : ""}${subjects[0]!.id}`;
  const ends = [first, second].map(({ machine, metric }) => `${machines[machine]!.id} ${metric}`);
  return `correlation across ${(lag > 0 ? ends : ends.sort()).join(" ")}`;
}

function actionsFor(kind: string, { first, second, lag }: Pair, machines: readonly Machine[]): Finding["actions"] {
  if (kind !== "across") return [];
  const [leading, following] = [machines[first.machine]!.name, machines[second.machine]!.name];
  return lag > 0
    ? [`See whether ${following} works for ${leading}: then plan for both when one grows.`]
    : [`See whether ${leading} and ${following} depend on each other, before either is changed.`];
}

function byId(a: Machine, b: Machine): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
