import type { EpochMs } from "../../contract/units.ts";
import type { Judgement } from "../../contract/verdict.ts";
import type { Decision, Evaluation, Subject } from "../../worker/alerts/evaluation.ts";
import { providerReading, silenceReading, verdictReading } from "../../worker/alerts/measure.ts";
import type { Heard } from "../../worker/alerts/reason.ts";
import type { HealthCheckRow } from "../../worker/checks/table.ts";
import type { InstanceRow } from "../../worker/instances/table.ts";
import { Subjects } from "../../worker/live/subjects.ts";
import { packKey } from "../../worker/series/packed.ts";
import { SILENCE_CONFIRM_MS } from "../../worker/settings.ts";
import { checkPasts } from "./check-past.ts";
import { isHeard, readingsAt, type DemoInstance, type Trouble } from "./fleet.ts";
import { instancePast } from "./instance-past.ts";
import { checkIdOf, LOOKS, roundAt, spellsOf } from "./looks.ts";
import { IMPAIRED_ID, impairedAt, REBUILT_ID, rebuiltAt, stoppedAt } from "./machines.ts";
import { judgementsOf, type Past } from "./spells.ts";

/** What rules would have been held against before the demo began. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How far back it is told. */
export const INCIDENTS_PAST_MS = 30 * DAY_MS;

/** A moment at which something was read of somebody. */
export interface Reading {
  at: EpochMs;
  subject: Subject;
  heard: Heard;
  read(evaluation: Evaluation, decisions: Decision[]): void;
}

/** Whom it is about. */
export interface Watched {
  fleet: readonly DemoInstance[];
  /** Of all machines that are listed, as they are when the demo begins. */
  rows: readonly InstanceRow[];
  checks: readonly HealthCheckRow[];
  bornAt: EpochMs;
}

/** In order of time. */
export function readingsOf(watched: Watched): Reading[] {
  const { rows, checks, bornAt } = watched;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const subjects = new Subjects();
  const ofCheck = ({ id, name, instanceId, tags, target, intervalMs: everyMs }: HealthCheckRow) => {
    const about = { name, instanceId, tags, kind: target.kind, everyMs, judgement: null };
    return subjects.ofCheck(id, about, byId.get(instanceId ?? ""));
  };
  const checkSubjects = new Map(checks.map((row) => [row.id, ofCheck(row)]));
  const readings = [
    ...rows.flatMap((row) => ofInstance(watched, row, subjects.ofInstance(row))),
    ...checkPasts(bornAt).flatMap((past) => verdicts(past, checkSubjects.get(past.id)!, null, bornAt)),
    ...rounds(checkSubjects, bornAt),
  ];
  const since = bornAt - INCIDENTS_PAST_MS;
  return readings.filter(({ at }) => at >= since && at <= bornAt).sort((a, b) => a.at - b.at);
}

function ofInstance({ fleet, bornAt }: Watched, row: InstanceRow, subject: Subject): Reading[] {
  const number = fleet.findIndex(({ facts }) => facts.id === row.id);
  const said = verdicts(instancePast(row, fleet, bornAt), subject, row.cloud, bornAt);
  const instance = fleet[number];
  const own = instance
    ? [
        ...samples(instance, number, subject, bornAt),
        ...silences(instance, subject, bornAt),
        ...boots(instance, subject),
      ]
    : [];
  return [...said, ...providers(row, instance, subject, bornAt), ...own];
}

function verdicts({ spells, well, since }: Past, subject: Subject, cloud: InstanceRow["cloud"], bornAt: EpochMs) {
  return judgementsOf(spells, well, since, bornAt).map((judgement: Judgement): Reading => {
    const at = judgement.since;
    return {
      at,
      subject,
      heard: { judgement, cloud },
      read: (evaluation, decisions) =>
        evaluation.reading(subject, "verdict", at, () => verdictReading(judgement), decisions),
    };
  });
}

/** Machines that their clouds found stopped or impaired. */
function providers(row: InstanceRow, instance: DemoInstance | undefined, subject: Subject, bornAt: EpochMs): Reading[] {
  const said = (at: EpochMs, cloud: InstanceRow["cloud"]): Reading => ({
    at,
    subject,
    heard: { judgement: row.judgement, cloud },
    read: (evaluation, decisions) =>
      evaluation.reading(
        subject,
        "provider",
        at,
        ({ condition }) => (condition.kind === "provider" ? providerReading(condition, { cloud }) : null),
        decisions,
      ),
  });
  if (instance?.trouble === "stopped") return [said(stoppedAt(bornAt), row.cloud)];
  if (row.id === IMPAIRED_ID) return [said(impairedAt(bornAt), row.cloud)];
  if (row.id !== REBUILT_ID || !row.cloud) return [];
  const { from, to } = rebuiltAt(bornAt);
  return [said(from, { ...row.cloud, status: "stopped", statusText: "off" }), said(to, row.cloud)];
}

/** How far back there is something to find in their values. */
const MEASURED: Partial<Record<Trouble, number>> = { leak: 4 * DAY_MS, disk: 4 * DAY_MS, burst: 30 * DAY_MS };
const METRICS = ["cpu_busy_ratio", "memory_used_ratio", "filesystem_used_ratio"] as const;
const KEYS = METRICS.map(packKey);

function samples(instance: DemoInstance, number: number, subject: Subject, bornAt: EpochMs): Reading[] {
  const pastMs = (instance.trouble && MEASURED[instance.trouble]) ?? 0;
  return every(bornAt - pastMs, bornAt, MINUTE_MS).map((at) => ({
    at,
    subject,
    heard: {},
    read: (evaluation, decisions) => {
      const readings = readingsAt(instance, number, at, bornAt);
      evaluation.sample(
        subject,
        at,
        KEYS,
        METRICS.map((metric) => readings[metric]!),
        decisions,
      );
    },
  }));
}

/** Looked for as in life: when it is due, and once more. */
function silences(instance: DemoInstance, subject: Subject, bornAt: EpochMs): Reading[] {
  const minutes = every(bornAt - DAY_MS, bornAt, MINUTE_MS);
  const silent = minutes.filter((at) => !isHeard(instance, at, bornAt));
  const [first] = silent;
  if (first === undefined) return [];
  const heardAt = first - MINUTE_MS;
  const again = minutes.find((at) => at > silent.at(-1)!);
  const looked = silent.flatMap((at) => [at - SILENCE_CONFIRM_MS, at]).filter((at) => at >= first);
  const reading = (at: EpochMs, value: number): Reading => ({
    at,
    subject,
    heard: {},
    read: (evaluation, decisions) => evaluation.reading(subject, "silence", at, () => value, decisions),
  });
  return [
    ...looked.map((at) => reading(at, silenceReading(heardAt, at))),
    ...(again === undefined ? [] : [reading(again, 0)]),
  ];
}

/** The first quarter of an hour after a machine was started. */
function boots({ facts: { bootAt } }: DemoInstance, subject: Subject): Reading[] {
  const keys = [packKey("uptime_seconds")];
  return every(bootAt + MINUTE_MS / 2, bootAt + 15 * MINUTE_MS, MINUTE_MS).map((at) => ({
    at,
    subject,
    heard: {},
    read: (evaluation, decisions) => evaluation.sample(subject, at, keys, [(at - bootAt) / 1_000], decisions),
  }));
}

/** Rounds of the checks while they were slow, and a little before and after. */
function rounds(subjects: ReadonlyMap<string, Subject>, bornAt: EpochMs): Reading[] {
  return LOOKS.flatMap((look, number) => {
    const spells = spellsOf(look, number, bornAt);
    const subject = subjects.get(checkIdOf(look));
    if (!subject) return [];
    const times = spells
      .filter(({ verdict }) => verdict === "degraded")
      .flatMap(({ from, to }) => every(from - HOUR_MS / 4, Math.min(to + HOUR_MS / 4, bornAt), subject.everyMs));
    return times.flatMap((at): Reading[] => {
      const readings = roundAt(look, number, spells, at);
      if (!readings) return [];
      const keys = Object.keys(readings).map(packKey);
      return [
        {
          at,
          subject,
          heard: {},
          read: (evaluation, decisions) =>
            evaluation.sample(subject, at, keys, Object.values(readings) as number[], decisions),
        },
      ];
    });
  });
}

function every(from: EpochMs, to: EpochMs, stepMs: number): EpochMs[] {
  return Array.from({ length: Math.max(0, Math.floor((to - from) / stepMs)) }, (_, at) => from + at * stepMs);
}
