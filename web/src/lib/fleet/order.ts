import type { Instance } from "../../../../contract/instance.ts";
import type { Readings } from "../../../../contract/metric.ts";
import type { EpochMs } from "../../../../contract/units.ts";

/** The columns of the fleet: what can be sorted by, in both views. */
export const SORT_KEYS = ["name", "cpu", "memory", "disk", "load", "network", "seen"] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export type Direction = "ascending" | "descending";

export interface Order {
  by: SortKey;
  direction: Direction;
}

export const SORT_LABELS: Record<SortKey, string> = {
  name: "Name",
  cpu: "CPU",
  memory: "Memory",
  disk: "Disk",
  load: "Load",
  network: "Network",
  seen: "Last seen",
};

export interface Sortable {
  searchText: string;
  instance: Pick<Instance, "name" | "id">;
  reading: { lastSampleAt: EpochMs | null; latest: Readings };
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function byName(a: Sortable, b: Sortable): number {
  return collator.compare(a.instance.name, b.instance.name) || (a.instance.id < b.instance.id ? -1 : 1);
}

/** Every word of the query must occur somewhere in the instance's names. */
export function matches(item: Sortable, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => item.searchText.includes(word));
}

/** Sorts a list that is in the order of names already; what has no value comes last in either direction. */
export function sorted<Item extends Sortable>(inNameOrder: Item[], { by, direction }: Order): Item[] {
  if (by === "name") return direction === "ascending" ? inNameOrder : inNameOrder.toReversed();
  const sign = direction === "ascending" ? 1 : -1;
  const values = new Map(inNameOrder.map((item) => [item, valueOf(item, by)]));
  return inNameOrder.toSorted((a, b) => {
    const left = values.get(a);
    const right = values.get(b);
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return sign * (left - right);
  });
}

/** Clicking a heading turns its own direction, or begins with the one that is asked for most often. */
export function turned(order: Order, by: SortKey): Order {
  if (order.by === by) return { by, direction: order.direction === "ascending" ? "descending" : "ascending" };
  return { by, direction: by === "name" ? "ascending" : "descending" };
}

function valueOf({ reading: { lastSampleAt, latest } }: Sortable, by: Exclude<SortKey, "name">): number | undefined {
  switch (by) {
    case "cpu":
      return latest.cpu_busy_ratio;
    case "memory":
      return latest.memory_used_ratio;
    case "disk":
      return latest.filesystem_used_ratio;
    case "load":
      return latest.load_1m;
    case "network":
      return networkTotal(latest);
    case "seen":
      return lastSampleAt ?? undefined;
  }
}

function networkTotal(latest: Readings): number | undefined {
  const received = latest.network_receive_bytes_per_second;
  const sent = latest.network_transmit_bytes_per_second;
  return received === undefined && sent === undefined ? undefined : (received ?? 0) + (sent ?? 0);
}
