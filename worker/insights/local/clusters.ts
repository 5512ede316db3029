import type { Pair } from "./together.ts";

/** Machines (places in the list of them) that hang together, and by which pairs. */
export interface Cluster {
  members: Set<number>;
  pairs: Pair[];
}

/** Whether both machines of a pair are in one cluster. */
export function isSaidOf(clusters: readonly Cluster[], { first, second }: Pair): boolean {
  return clusters.some(({ members }) => members.has(first.machine) && members.has(second.machine));
}

/** Whether it is one metric of two machines, at the same time and the same way. */
export function isSameMetric({ first, second, lag, likeness }: Pair): boolean {
  return first.metric === second.metric && lag === 0 && likeness > 0;
}

/** Machines of which the same metrics move together, the same machines in several metrics taken as one. */
export function clustersOf(between: readonly Pair[]): Cluster[] {
  const byMetric = Map.groupBy(between.filter(isSameMetric), ({ first }) => first.metric);
  const clusters = [...byMetric.values()].flatMap(hangingTogether);
  const bySubjects = Map.groupBy(clusters, ({ members }) => [...members].sort((a, b) => a - b).join());
  return [...bySubjects.values()].map((same) => ({
    members: same[0]!.members,
    pairs: same.flatMap((cluster) => cluster.pairs).sort((a, b) => b.likeness - a.likeness),
  }));
}

function hangingTogether(pairs: readonly Pair[]): Cluster[] {
  const clusters: Cluster[] = [];
  for (const pair of pairs) {
    const ends = [pair.first.machine, pair.second.machine];
    const touched = clusters.filter(({ members }) => ends.some((end) => members.has(end)));
    const joined: Cluster = { members: new Set(ends), pairs: [pair] };
    for (const cluster of touched) {
      for (const member of cluster.members) joined.members.add(member);
      joined.pairs.push(...cluster.pairs);
      clusters.splice(clusters.indexOf(cluster), 1);
    }
    clusters.push(joined);
  }
  return clusters;
}
