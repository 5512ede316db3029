import type { Instance } from "../../../../contract/instance.ts";
import type { Readings } from "../../../../contract/metric.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { costOf } from "../instance/cost.ts";
import { conditionOf, CONDITIONS } from "../live/status.ts";

/** The columns of the fleet: what can be sorted by, in every view. */
export const SORT_KEYS = [
  "name",
  "status",
  "region",
  "plan",
  "cost",
  "cpu",
  "memory",
  "disk",
  "load",
  "network",
  "seen",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export type Direction = "ascending" | "descending";

export interface Order {
  by: SortKey;
  direction: Direction;
}

export const SORT_LABELS: Record<SortKey, string> = {
  name: "Name",
  status: "Status",
  region: "Region",
  plan: "Plan",
  cost: "Cost",
  cpu: "CPU",
  memory: "Memory",
  disk: "Disk",
  load: "Load",
  network: "Network",
  seen: "Last seen",
};

/** Of these the beginning of the alphabet is asked for first, of the others the highest. */
const IN_WORDS: readonly SortKey[] = ["name", "region", "plan"];

export interface Sortable {
  searchText: string;
  instance: Pick<
    Instance,
    "name" | "id" | "region" | "type" | "intervalMs" | "cloud" | "monthlyCostGiven" | "judgement"
  >;
  reading: { lastSampleAt: EpochMs | null; latest: Readings };
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function byName(a: Sortable, b: Sortable): number {
  return collator.compare(a.instance.name, b.instance.name) || (a.instance.id < b.instance.id ? -1 : 1);
}

/** Every word of the query must occur somewhere in the instance's names. */
export function matches(item: Pick<Sortable, "searchText">, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => item.searchText.includes(word));
}

/** Sorts a list that is in the order of names already; what has no value comes last in either direction. */
export function sorted<Item extends Sortable>(inNameOrder: Item[], { by, direction }: Order, now: EpochMs): Item[] {
  if (by === "name") return direction === "ascending" ? inNameOrder : inNameOrder.toReversed();
  const sign = direction === "ascending" ? 1 : -1;
  const values = new Map(inNameOrder.map((item) => [item, valueOf(item, by, now)]));
  return inNameOrder.toSorted((a, b) => {
    const left = values.get(a);
    const right = values.get(b);
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return sign * compared(left, right);
  });
}

function compared(left: number | string, right: number | string): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return collator.compare(String(left), String(right));
}

/** Clicking a heading turns its own direction, or begins with the one that is asked for most often. */
export function turned(order: Order, by: SortKey): Order {
  if (order.by === by) return { by, direction: order.direction === "ascending" ? "descending" : "ascending" };
  return { by, direction: IN_WORDS.includes(by) ? "ascending" : "descending" };
}

function valueOf(
  { instance, reading: { lastSampleAt, latest } }: Sortable,
  by: Exclude<SortKey, "name">,
  now: EpochMs,
): number | string | undefined {
  switch (by) {
    case "status":
      // The worst is the highest.
      return -CONDITIONS.indexOf(conditionOf(instance, lastSampleAt, now));
    case "region":
      return instance.region ?? undefined;
    case "plan":
      return instance.cloud?.plan ?? instance.type ?? undefined;
    case "cost":
      return costOf(instance)?.amount;
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
