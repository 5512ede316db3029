import { CHECK_DEFAULTS } from "../../contract/checks.ts";
import type { Region } from "../../contract/regions.ts";
import type { EpochMs } from "../../contract/units.ts";
import { newCheckRow } from "../checks/new-check.ts";
import type { ProbeOrder, ProbeResult } from "../checks/probe.ts";
import { countChecks, instancesWithChecks, insertChecks, type StoredSettings } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import { httpTarget } from "../checks/target-of-address.ts";
import { refusalOf } from "../checks/target-refusal.ts";
import { refusedTarget } from "../checks/target.ts";
import type { Database } from "../db/client.ts";
import { findInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { DOORS_TRIED_FOR_MS } from "../settings.ts";
import type { Probers } from "./probers.ts";
import type { StepOutcome } from "./steps.ts";

type ProbeTarget = ProbeOrder["target"];

/** Whatever answers at all will do for a first look. */
const ANY_STATUS: [number, number][] = [[100, 599]];

/** An instance that is waiting for its first check, since it was found. */
export interface Waiting {
  id: string;
  since: EpochMs;
}

/**
 * A new instance's first check: at the health endpoint it names, or at the first of its doors that opens. A machine that has just been
 * made opens none for some minutes, so it is tried again; one that never does gets no check, rather than one that calls it down for a
 * port that was never meant to be open. `waiting` is who is left.
 */
export async function tryDoors(
  db: Database,
  probers: Probers,
  all: readonly Waiting[],
  { settings, limits }: { settings: StoredSettings; limits: { instances: number; checks: number } },
  now: EpochMs,
  until: EpochMs,
): Promise<StepOutcome & { waiting: Waiting[] }> {
  if (!settings.makesDefaultChecks) return { waiting: [] };
  const room = limits.checks - (await countChecks(db));
  if (room <= 0) return { waiting: [], says: "There are as many checks as are made by themselves." };
  const turn = all.slice(0, Math.min(limits.instances, room));
  const ids = turn.map(({ id }) => id);
  const watched = await instancesWithChecks(db, ids);
  const instances = (await findInstances(db, ids)).filter(({ id }) => !watched.has(id));
  const { allowsPrivateTargets: allowsPrivate } = settings;
  const tried = await Promise.all(
    instances.map(async (row) => ({ row, targets: await candidatesOf(row, allowsPrivate) })),
  );
  const results = await resultsOf(probers, settings.regions[0]!, tried, allowsPrivate, until);
  const made: HealthCheckRow[] = [];
  const again = new Set<string>();
  for (const { row, targets } of tried) {
    const answers = targets.map((_target, index) => results.get(`${index} ${row.id}`));
    const target = chosen(targets, answers);
    if (target) made.push(newCheckRow(row, target, now));
    else again.add(row.id);
  }
  await insertChecks(db, made);
  // Who has had a turn goes to the end: one that cannot be tried must not keep the others waiting.
  const later = turn.filter(({ id, since }) => again.has(id) && now - since < DOORS_TRIED_FOR_MS && since <= now);
  const waiting = [...all.slice(turn.length), ...later];
  return {
    waiting,
    says: `${made.length} checks for ${turn.length} instances`,
    isUnfinished: all.length > turn.length,
  };
}

interface Tried {
  row: InstanceRow;
  targets: ProbeTarget[];
}

async function resultsOf(
  probers: Probers,
  region: Region,
  tried: readonly Tried[],
  allowsPrivate: boolean,
  until: EpochMs,
): Promise<Map<string, ProbeResult>> {
  const { timeoutMs } = CHECK_DEFAULTS;
  const orders = tried.flatMap(({ row, targets }) =>
    targets.map((target, index): ProbeOrder => ({ checkId: `${index} ${row.id}`, target, timeoutMs, allowsPrivate })),
  );
  const asked = orders.length > 0 ? await probers.ask(new Map([[region, orders]]), until) : [];
  const seen = asked.flatMap(({ report }) => (report && !report.isBlind ? report.results : []));
  return new Map(seen.map((result) => [result.checkId, result]));
}

/** What is worth a try, best first. */
async function candidatesOf({ healthEndpoint, cloud }: InstanceRow, allowsPrivate: boolean): Promise<ProbeTarget[]> {
  if (healthEndpoint) {
    // An agent names it: what it leads to is looked up like what a person enters.
    const target = httpTarget(healthEndpoint);
    if (!(await refusalOf(target, { allowsPrivateTargets: allowsPrivate }))) return [target];
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
function chosen(
  targets: readonly ProbeTarget[],
  answers: readonly (ProbeResult | undefined)[],
): ProbeTarget | undefined {
  const index = answers.findIndex((answer) => answer?.kind === "good" || answer?.kind === "warning");
  const target = targets[index];
  if (target?.kind !== "http" || target.expectStatus !== ANY_STATUS) return target;
  const status = Number(/\b(\d{3})\b/.exec(answers[index]!.words)?.[1] ?? 200);
  // A server without a page for strangers says 403 or 404 and is well; one that says 500 is not.
  return { ...target, expectStatus: status >= 400 && status < 500 ? [[200, 499]] : [[200, 399]] };
}
