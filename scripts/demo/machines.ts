import type { EpochMs } from "../../contract/units.ts";
import type { Machine } from "../../tests/outside/cloud.ts";
import { FLEET_SIZE, type DemoInstance } from "./fleet.ts";
import { cloudIdOf, DEMO_CLOUDS, PLACES, type DemoCloud } from "./places.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** So long before the demo began its clouds were connected. */
export const CONNECTED_BEFORE_MS = 100 * DAY_MS;
/** Beside the fleet: machines that nobody has put an agent on. */
const AGENTLESS_PER_CLOUD = 20;
const AGENTLESS_ROLES = ["staging", "runner", "smtp", "standby", "proxy"];

/** A machine as it is rented, and what became of it, counted from when the demo first began. */
interface Rented extends Machine {
  kind: DemoCloud;
  past?: Past;
}

/** In what it was not always as it is now. */
interface Past {
  /** Before that it was not there. */
  since?: EpochMs;
  /** What was different before. */
  was?: { until: EpochMs; facts: Partial<Machine> };
  /** When its state was another, and which. */
  spell?: { from: EpochMs; to: EpochMs; facts: Partial<Machine> };
}

/** Everything that is rented at a moment, by cloud: a function of time, so that the past is what would have been listed. */
export function machinesAt(fleet: readonly DemoInstance[], at: EpochMs, bornAt: EpochMs): Record<DemoCloud, Machine[]> {
  const all = rented(fleet, bornAt).filter(({ past }) => (past?.since ?? 0) <= at);
  const of = (kind: DemoCloud) => all.filter((one) => one.kind === kind).map((one) => machineAt(one, at));
  return Object.fromEntries(DEMO_CLOUDS.map((kind) => [kind, of(kind)])) as Record<DemoCloud, Machine[]>;
}

/** When something changed there, oldest first, up to the beginning of the demo. */
export function momentsOfChange(fleet: readonly DemoInstance[], bornAt: EpochMs): EpochMs[] {
  const changes = rented(fleet, bornAt).flatMap(({ past }) => [
    past?.since,
    past?.was?.until,
    past?.spell?.from,
    past?.spell?.to,
  ]);
  const moments = [bornAt - CONNECTED_BEFORE_MS, ...changes.filter((at) => at !== undefined && at <= bornAt)];
  return [...new Set(moments as EpochMs[])].sort((a, b) => a - b);
}

function machineAt({ kind: _kind, past, ...machine }: Rented, at: EpochMs): Machine {
  const { was, spell } = past ?? {};
  return {
    ...machine,
    ...(was && at < was.until && was.facts),
    ...(spell && at >= spell.from && at < spell.to && spell.facts),
  };
}

function rented(fleet: readonly DemoInstance[], bornAt: EpochMs): Rented[] {
  return [
    ...fleet.map((instance, index) => ofFleet(instance, index, bornAt)),
    ...DEMO_CLOUDS.flatMap((kind) =>
      Array.from({ length: AGENTLESS_PER_CLOUD }, (_, number) => agentless(kind, number, bornAt)),
    ),
  ];
}

function ofFleet({ facts, trouble }: DemoInstance, index: number, bornAt: EpochMs): Rented {
  const { cloudKind: kind, cloudId: id, name, region, type: plan } = facts;
  const past = pastOfFleet(index, trouble, bornAt);
  const addresses = addressesOf(kind, 10 + index);
  return {
    kind,
    id,
    name,
    region,
    plan,
    state: "running",
    ...addresses,
    tags: [PLACES[kind].tag],
    ...(past && { past }),
  };
}

function pastOfFleet(index: number, trouble: DemoInstance["trouble"], bornAt: EpochMs): Past | undefined {
  if (trouble === "stopped") return { spell: { from: stoppedAt(bornAt), to: Infinity, facts: { state: "stopped" } } };
  if (index === RESIZED) return { was: { until: bornAt - 12 * DAY_MS, facts: { plan: "vc2-1c-1gb" } } };
  return undefined;
}

function agentless(kind: DemoCloud, number: number, bornAt: EpochMs): Rented {
  const { regions, plans, tag } = PLACES[kind];
  const [region, place] = regions[number % regions.length]!;
  const role = AGENTLESS_ROLES[number % AGENTLESS_ROLES.length]!;
  // The largest are for databases, which all have an agent.
  const [plan] = plans[number % Math.min(plans.length, 3)]!;
  const name = `${role}-${place}-${1 + Math.floor(number / AGENTLESS_ROLES.length)}`;
  const id = cloudIdOf(kind, FLEET_SIZE + number);
  const past = pastOfAgentless(kind, number, bornAt);
  const addresses = addressesOf(kind, 40 + number);
  return { kind, id, name, region, plan, state: "running", ...addresses, tags: [tag], ...(past && { past }) };
}

function pastOfAgentless(kind: DemoCloud, number: number, bornAt: EpochMs): Past | undefined {
  if (kind === "vultr" && number === 4) return { was: { until: bornAt - 21 * DAY_MS, facts: { name: "proxy-test" } } };
  if (kind === "gcp" && number === 19) return { since: bornAt - 34 * DAY_MS };
  if (kind === "hetzner" && number === REBUILT) return { spell: { ...rebuiltAt(bornAt), facts: { state: "stopped" } } };
  if (kind === "aws" && number === IMPAIRED)
    return { spell: { from: impairedAt(bornAt), to: Infinity, facts: { isImpaired: true } } };
  return undefined;
}

/** Got a bigger plan. */
const RESIZED = 7;
const REBUILT = 6;
const IMPAIRED = 3;

export const REBUILT_ID = `hetzner-${cloudIdOf("hetzner", FLEET_SIZE + REBUILT)}`;
export const IMPAIRED_ID = cloudIdOf("aws", FLEET_SIZE + IMPAIRED);
export const stoppedAt = (bornAt: EpochMs) => bornAt - 2 * HOUR_MS;
export const impairedAt = (bornAt: EpochMs) => bornAt - 35 * 60_000;
export const rebuiltAt = (bornAt: EpochMs) => ({ from: bornAt - 9 * DAY_MS, to: bornAt - 9 * DAY_MS + 5 * HOUR_MS });

function addressesOf(kind: DemoCloud, host: number): Pick<Machine, "address" | "privateAddress"> {
  const cloud = DEMO_CLOUDS.indexOf(kind);
  // The last cloud shares its range with the first.
  const last = kind === "gcp" ? host + 100 : host;
  return { address: `${PLACES[kind].network}.${last}`, privateAddress: `10.${20 + cloud}.0.${host}` };
}
