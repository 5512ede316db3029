import { metricOf, unitOf, type SeriesKey } from "../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Machine, MachineHistory } from "../engine.ts";
import { momentInWords } from "../words/moment.ts";
import { nounOf } from "../words/metric-noun.ts";
import { countOf, namesInWords, possessive, sentence } from "../words/names.ts";
import { readingInWords } from "../words/quantity.ts";
import { EvidenceList } from "./evidence-list.ts";
import type { Weighed } from "./few.ts";
import { levelChange, type LevelChange } from "./level-change.ts";
import { bySeries, familyOf, isWorthTelling } from "./worth-telling.ts";

const HOUR: DurationMs = 3_600_000;
const DAY: DurationMs = 24 * HOUR;
/** Told for so long after it happened. */
const TOLD_FOR_MS: DurationMs = 21 * DAY;
/** What changes within so long of something else changed with it. */
const WITH_MS: DurationMs = 12 * HOUR;
/** A machine that runs at this share of what it has is worth a warning. */
const HIGH_RATIO = 0.8;

interface Changed {
  machine: Machine;
  metric: SeriesKey;
  change: LevelChange;
}

/** Levels that changed and stayed: those of one machine at one time are one finding, and those of one metric on several machines. */
export function changeFindings(histories: readonly MachineHistory[], now: EpochMs): Weighed[] {
  const all = histories.map(({ machine, hourly }) => changesOf(machine, hourly, now));
  const groups = acrossMachines(all.flat());
  const grouped = new Set(groups.flat());
  return [
    ...groups.map((group) => groupFinding(group, now)),
    ...all.flatMap((changes) => atOneTime(changes.filter((one) => !grouped.has(one))).map((one) => finding(one, now))),
  ];
}

function changesOf(machine: Machine, hourly: MachineHistory["hourly"], now: EpochMs): Changed[] {
  const families = new Set<string>();
  return [...hourly.keys()].sort(bySeries).flatMap((metric) => {
    if (families.has(familyOf(metric))) return [];
    const change = levelChange(hourly.get(metric)!);
    if (!change || now - change.at > TOLD_FOR_MS || change.at > now) return [];
    if (!isWorthTelling(metric, change.before, change.after)) return [];
    families.add(familyOf(metric));
    return [{ machine, metric, change }];
  });
}

function atOneTime(changes: readonly Changed[]): Changed[][] {
  const groups: Changed[][] = [];
  for (const one of changes) {
    const known = groups.find(([first]) => Math.abs(first!.change.at - one.change.at) <= WITH_MS);
    if (known) known.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** The same metric, the same way, at the same time, on three machines or more. */
function acrossMachines(changes: readonly Changed[]): Changed[][] {
  const alike = new Map<string, Changed[]>();
  for (const one of changes) {
    const name = `${one.metric} ${wayOf(one.change)}`;
    alike.set(name, [...(alike.get(name) ?? []), one]);
  }
  return [...alike.values()].flatMap((group) => atOneTime(group).filter(({ length }) => length >= 3));
}

function wayOf({ before, after }: LevelChange): "rose" | "fell" {
  return after > before ? "rose" : "fell";
}

function finding(changes: readonly Changed[], now: EpochMs): Weighed {
  const [{ machine, metric, change }] = changes as [Changed];
  const evidence = new EvidenceList();
  const claims = changes.map((one) => ({ text: inWords(one), evidence: [evidenceOf(evidence, one)] }));
  const restart = restartNear(machine, change.at);
  if (restart !== null) {
    const words = `${machine.name} was started anew on ${momentInWords(restart, now)}`;
    claims.push({
      text: `${words}, at about the same time.`,
      evidence: [evidence.add(`${words}.`, { machine, from: restart, to: restart })],
    });
  }
  const what = namesInWords(
    changes.map((one) => nounOf(one.metric)),
    3,
  );
  const title =
    changes.length === 1
      ? `${possessive(machine.name)} ${what} ${wayOf(change)} from ${readingInWords(metric, change.before)} to ${readingInWords(metric, change.after)} and stayed`
      : `${possessive(machine.name)} ${what} changed at the same time and stayed so`;
  return {
    weight: change.share * (changes.length + (isHigh(metric, change) ? 1 : 0)),
    finding: {
      key: `change ${machine.id} ${metric} ${wayOf(change)}`,
      kind: "change",
      severity: changes.some((one) => isHigh(one.metric, one.change)) ? "warning" : "info",
      title,
      claims,
      actions: [actionFor(machine, metric, change, now)],
      subjects: [{ id: machine.id, name: machine.name }],
      metrics: changes.map((one) => one.metric),
      ...momentAndBasis(changes),
      evidence: evidence.rows,
      chart: {
        subjects: [machine.id],
        metrics: changes.slice(0, 4).map((one) => one.metric),
        ...windowOf(change, now),
        limit: null,
        band: null,
        spans: [],
      },
      monthlySaving: null,
      lastsMs: lasting(change, now),
    },
  };
}

function groupFinding(group: readonly Changed[], now: EpochMs): Weighed {
  const order = group.toSorted((a, b) => (a.machine.id < b.machine.id ? -1 : 1));
  const [{ machine, metric, change }] = order as [Changed];
  const evidence = new EvidenceList();
  const names = order.map((one) => one.machine.name);
  const way = wayOf(change);
  const moments = order.map((one) => one.change.at);
  const [from, to] = [Math.min(...moments), Math.max(...moments)];
  const when =
    from === to
      ? `on ${momentInWords(from, now)}`
      : `between ${momentInWords(from, now)} and ${momentInWords(to, now)}`;
  const all = evidence.add(`${sentence(nounOf(metric))} ${way} on ${countOf(order.length, "instance")} ${when}.`, {
    metric,
    from,
    to,
  });
  const ids = order.slice(0, 12).map((one) => evidenceOf(evidence, one));
  return {
    weight: 2 + change.share,
    finding: {
      key: `change group ${metric} ${way} ${machine.id}`,
      kind: "change",
      severity: order.some((one) => isHigh(one.metric, one.change)) ? "warning" : "info",
      title: `${sentence(nounOf(metric))} of ${namesInWords(names)} ${way} at the same time and stayed`,
      claims: [
        {
          text: `${sentence(nounOf(metric))} ${way} on ${countOf(order.length, "instance")} about ${momentInWords(change.at, now)}: on ${machine.name} from ${readingInWords(metric, change.before)} to ${readingInWords(metric, change.after)}.`,
          evidence: [all, ...ids],
        },
      ],
      actions: ["Look for what was changed on all of them then: a release, a setting, a job, or a shift of visitors."],
      subjects: order.map((one) => ({ id: one.machine.id, name: one.machine.name })),
      metrics: [metric],
      ...momentAndBasis(order),
      evidence: evidence.rows,
      chart: {
        subjects: order.slice(0, 8).map((one) => one.machine.id),
        metrics: [metric],
        ...windowOf(change, now),
        limit: null,
        band: null,
        spans: [],
      },
      monthlySaving: null,
      lastsMs: lasting(change, now),
    },
  };
}

function inWords({ machine, metric, change }: Changed): string {
  const { before, after, at, daysAfter } = change;
  return `${sentence(nounOf(metric))} of ${machine.name} ${wayOf(change)} from ${readingInWords(metric, before)} to ${readingInWords(metric, after)} about ${momentInWords(at)}, and has stayed there for ${countOf(daysAfter, "day")}.`;
}

function evidenceOf(evidence: EvidenceList, { machine, metric, change }: Changed): string {
  const { before, after, at, daysBefore, daysAfter } = change;
  const words = `${sentence(nounOf(metric))} of ${machine.name}: ${readingInWords(metric, before)} in the middle of the ${countOf(daysBefore, "day")} before ${momentInWords(at)}, ${readingInWords(metric, after)} in the middle of the ${countOf(daysAfter, "day")} after.`;
  return evidence.add(words, { machine, metric, value: after, from: at, to: at + daysAfter * DAY });
}

function momentAndBasis(changes: readonly Changed[]) {
  const shares = changes.map((one) => one.change.share);
  const days = Math.max(...changes.map(({ change }) => change.daysBefore + change.daysAfter));
  const confidence = Math.min(0.99, shares.reduce((sum, share) => sum + share, 0) / shares.length);
  return {
    confidence,
    basis: `How much of what ${countOf(days, "day")} differ by this one change explains, weekdays set aside`,
    at: changes[0]!.change.at,
    earliestAt: null,
    latestAt: null,
  };
}

function windowOf({ at }: LevelChange, now: EpochMs): { from: EpochMs; to: EpochMs } {
  return { from: at - Math.max(4 * DAY, now - at), to: now };
}

function lasting({ at }: LevelChange, now: EpochMs): DurationMs {
  return Math.max(DAY, at + TOLD_FOR_MS - now);
}

function isHigh(metric: SeriesKey, { before, after }: LevelChange): boolean {
  return unitOf(metricOf(metric)) === "ratio" && after > before && after >= HIGH_RATIO;
}

function restartNear({ bootAt }: Machine, at: EpochMs): EpochMs | null {
  return bootAt !== null && Math.abs(bootAt - at) <= 3 * HOUR ? bootAt : null;
}

function actionFor(machine: Machine, metric: SeriesKey, change: LevelChange, now: EpochMs): string {
  const when = momentInWords(change.at, now);
  if (change.after > change.before)
    return `Look for what began on ${machine.name} about ${when}: a release, a new job, or more visitors.`;
  return metric.startsWith("filesystem_")
    ? `See whether what was removed from ${machine.name} about ${when} was meant to go.`
    : `See whether something stopped on ${machine.name} about ${when} that should run.`;
}
