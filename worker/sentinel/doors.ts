import { CHECK_DEFAULTS } from "../../contract/checks.ts";
import type { Region } from "../../contract/regions.ts";
import type { EpochMs } from "../../contract/units.ts";
import { newCheckRow } from "../checks/new-check.ts";
import type { ProbeOrder, ProbeResult } from "../checks/probe.ts";
import { countChecks, instancesWithChecks, insertChecks, type StoredSettings } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import { httpTarget } from "../checks/target-of-address.ts";
import { refusedTarget } from "../checks/target.ts";
import type { Database } from "../db/client.ts";
import { findInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import type { Probers } from "./probers.ts";
import type { StepOutcome } from "./steps.ts";

type ProbeTarget = ProbeOrder["target"];

/** Whatever answers at all will do for a first look. */
const ANY_STATUS: [number, number][] = [[100, 599]];

/**
 * A new instance's first check: at the health endpoint it names, or at the first of its doors that opens. A machine without an open door
 * gets none, rather than one that calls it down for a port that was never meant to be open.
 */
export async function tryDoors(
  db: Database,
  probers: Probers,
  ids: string[],
  { settings, limits }: { settings: StoredSettings; limits: { instances: number; checks: number } },
  now: EpochMs,
  until: EpochMs,
): Promise<StepOutcome> {
  const room = limits.checks - (await countChecks(db));
  if (!settings.makesDefaultChecks || room <= 0) {
    ids.length = 0;
    return room <= 0 && settings.makesDefaultChecks
      ? { says: "There are as many checks as are made by themselves." }
      : {};
  }
  const turn = ids.slice(0, Math.min(limits.instances, room));
  const instances = await findInstances(db, turn);
  const { allowsPrivateTargets } = settings;
  const tried = instances.map((row) => ({ row, targets: candidatesOf(row, allowsPrivateTargets) }));
  const orders = tried.flatMap(({ row, targets }) =>
    targets.map((target, index): ProbeOrder => {
      const { timeoutMs } = CHECK_DEFAULTS;
      return { checkId: `${index} ${row.id}`, target, timeoutMs, allowsPrivate: allowsPrivateTargets };
    }),
  );
  const region: Region = settings.regions[0]!;
  const asked = orders.length > 0 ? await probers.ask(new Map([[region, orders]]), until) : [];
  const results = new Map(
    asked.flatMap(({ report }) => (report && !report.isBlind ? report.results : [])).map((one) => [one.checkId, one]),
  );
  const watched = await instancesWithChecks(db, turn);
  const made: HealthCheckRow[] = [];
  const done = new Set(turn.filter((id) => !instances.some((row) => row.id === id)));
  for (const { row, targets } of tried) {
    const answers = targets.map((_target, index) => results.get(`${index} ${row.id}`));
    // Where nobody could look, the next tick does.
    if (answers.some((answer) => answer === undefined || answer.kind === "unable")) continue;
    done.add(row.id);
    const target = chosen(targets, answers as ProbeResult[]);
    if (target && !watched.has(row.id)) made.push(newCheckRow(row, target, now));
  }
  await insertChecks(db, made);
  const left = ids.filter((id) => !done.has(id));
  ids.splice(0, ids.length, ...left);
  return {
    says: `${made.length} checks for ${done.size} instances`, // Where nobody could look there is no hurry.
    isUnfinished: left.length > 0 && done.size > 0,
  };
}

/** What is worth a try, best first. */
function candidatesOf({ healthEndpoint, cloud }: InstanceRow, allowsPrivate: boolean): ProbeTarget[] {
  if (healthEndpoint) {
    const target = httpTarget(healthEndpoint);
    if (!refusedTarget(target, { allowsPrivate })) return [target];
  }
  const host = cloud?.publicAddresses[0];
  if (!host) return [];
  const targets: ProbeTarget[] = [
    httpTarget(`http://${host.includes(":") ? `[${host}]` : host}/`, ANY_STATUS),
    { kind: "tcp", host, port: 443 },
    { kind: "tcp", host, port: 22 },
  ];
  return targets.filter((target) => !refusedTarget(target, { allowsPrivate }));
}

/** The first that answered; of HTTP the statuses that it answers with today are the good ones. */
function chosen(targets: readonly ProbeTarget[], answers: readonly ProbeResult[]): ProbeTarget | undefined {
  const index = answers.findIndex(({ kind }) => kind === "good" || kind === "warning");
  const target = targets[index];
  if (target?.kind !== "http" || target.expectStatus !== ANY_STATUS) return target;
  const status = Number(/\b(\d{3})\b/.exec(answers[index]!.words)?.[1] ?? 200);
  // A server without a page for strangers says 403 or 404 and is well; one that says 500 is not.
  return { ...target, expectStatus: status >= 400 && status < 500 ? [[200, 499]] : [[200, 399]] };
}
