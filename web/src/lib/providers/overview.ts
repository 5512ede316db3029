import type { Instance } from "../../../../contract/instance.ts";
import { PROVIDER_KINDS, type ProviderKind } from "../../../../contract/provider-kinds.ts";
import { costOf } from "../instance/cost.ts";

/** A cloud as a whole. */
export interface CloudTotals {
  kind: ProviderKind;
  instances: number;
  /** Instances with a verdict, and those of them that are up. */
  judged: number;
  up: number;
  /** Worse than up, the worst first. */
  down: number;
  degraded: number;
  unsure: number;
  monthlyCost: Record<string, number>;
  /** Region and how many are there, the fullest first. */
  regions: { region: string; name: string | null; instances: number }[];
}

/** Every cloud some instance is listed by now, in the order of the clouds. What is gone counts no more. */
export function overviewOf(
  instances: Iterable<Pick<Instance, "cloud" | "judgement" | "monthlyCostGiven">>,
): CloudTotals[] {
  const clouds = new Map<ProviderKind, CloudTotals & { byRegion: Map<string, CloudTotals["regions"][number]> }>();
  for (const instance of instances) {
    const { cloud, judgement } = instance;
    if (!cloud || cloud.goneAt !== null) continue;
    let totals = clouds.get(cloud.kind);
    if (!totals) clouds.set(cloud.kind, (totals = { ...emptyTotals(cloud.kind), byRegion: new Map() }));
    totals.instances += 1;
    if (judgement) {
      totals.judged += 1;
      totals[judgement.verdict] += 1;
    }
    const cost = costOf(instance);
    if (cost) totals.monthlyCost[cost.currency] = (totals.monthlyCost[cost.currency] ?? 0) + cost.amount;
    const place = totals.byRegion.get(cloud.region);
    if (place) place.instances += 1;
    else totals.byRegion.set(cloud.region, { region: cloud.region, name: cloud.regionName, instances: 1 });
  }
  return PROVIDER_KINDS.flatMap((kind) => {
    const found = clouds.get(kind);
    if (!found) return [];
    const { byRegion, ...totals } = found;
    return [{ ...totals, regions: [...byRegion.values()].sort((a, b) => b.instances - a.instances) }];
  });
}

function emptyTotals(kind: ProviderKind): CloudTotals {
  return { kind, instances: 0, judged: 0, up: 0, down: 0, degraded: 0, unsure: 0, monthlyCost: {}, regions: [] };
}
