import type { RuleKind } from "../../contract/rule-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";
import { FALL_TOGETHER_MS, STORM_MEMBERS } from "../settings.ts";

/** Which incident a breach belongs to: what fell together is one trouble, and is told once. */

/** A rule that has begun to fire for a subject. */
export interface Firing {
  ruleId: string;
  kind: RuleKind;
  subject: string;
  instanceId: string | null;
  /** The provider and region it stands in; null where none is known. */
  place: string | null;
  at: EpochMs;
}

/** What is known of an incident that is open. */
export interface Standing {
  id: string;
  ruleId: string;
  kind: RuleKind;
  place: string | null;
  /** When the last of its members joined. */
  joinedAt: EpochMs;
  openMembers: number;
  hasInstance(instanceId: string): boolean;
}

/** Rules that say the same of a machine in other words: nobody reaches it. */
const REACH: ReadonlySet<RuleKind> = new Set(["verdict", "silence", "provider"]);

export function isAboutReach(kind: RuleKind): boolean {
  return REACH.has(kind);
}

/** The open incident that a breach joins; undefined where it is a trouble of its own. */
export function joinedBy<One extends Standing>(firing: Firing, open: Iterable<One>): One | undefined {
  const isReach = isAboutReach(firing.kind);
  let fellThere: One | undefined;
  let alike: One | undefined;
  let alikeMembers = 0;
  for (const one of open) {
    const isTogether = firing.at - one.joinedAt <= FALL_TOGETHER_MS;
    if (isReach && isAboutReach(one.kind)) {
      // Its check, its agent and its provider all tell of the one machine.
      if (firing.instanceId !== null && one.hasInstance(firing.instanceId)) return one;
      if (isTogether && firing.place !== null && firing.place === one.place) fellThere = later(fellThere, one);
    }
    if (one.ruleId !== firing.ruleId || !isTogether || (isReach && (firing.place ?? one.place) !== null)) continue;
    alikeMembers += one.openMembers;
    alike = later(alike, one);
  }
  return fellThere ?? (alikeMembers >= STORM_MEMBERS - 1 ? alike : undefined);
}

function later<One extends Standing>(a: One | undefined, b: One): One {
  return a && a.joinedAt >= b.joinedAt ? a : b;
}

/** Breaches of one moment that are one trouble: each group becomes an incident, or joins one. Those that stand alone are groups of one. */
export function grouped<One extends Firing>(firings: readonly One[]): One[][] {
  const [placed, unplaced] = [firings.filter(isPlaced), firings.filter((one) => !isPlaced(one))];
  const ofPlaces = Map.groupBy(placed, ({ place }) => place).values();
  const ofMachines = Map.groupBy(unplaced, machineOf).values();
  const ofRules = Map.groupBy(ofMachines, ([lead]) => lead!.ruleId).values();
  return [
    ...ofPlaces,
    ...[...ofRules].flatMap((groups) => (groups.length >= STORM_MEMBERS ? [groups.flat()] : groups)),
  ];
}

function isPlaced({ kind, place }: Firing): boolean {
  return isAboutReach(kind) && place !== null;
}

/** Nobody reaches a machine: one trouble, whoever says so. Values stand each for itself. */
function machineOf({ kind, instanceId, subject, ruleId }: Firing): string {
  return isAboutReach(kind) ? `machine ${instanceId ?? subject}` : `${ruleId} ${subject}`;
}
