import { untrack } from "svelte";
import type { EpochMs } from "../../../../contract/units.ts";
import { countsOf, type Counts, type Fleet, type FleetEntry } from "../live/fleet.svelte.ts";
import type { Status } from "../live/status.ts";
import { Persisted } from "../persisted.svelte.ts";
import { byName, type Direction, matches, type Order, sorted, SORT_KEYS, type SortKey, turned } from "./order.ts";

/** Rows that change places every second cannot be read: live figures reorder the list this often. */
const REORDER_EVERY_BEATS = 5;

/** What the reader looks at: search, filter, order and shape of the fleet. It outlives a visit to an instance. */
export class FleetView {
  query = $state("");
  only = $state<Status | null>(null);
  shape = new Persisted("fleet.shape", ["cards", "table"], "cards");
  #by = new Persisted<SortKey>("fleet.sort", SORT_KEYS, "name");
  #direction = new Persisted<Direction>("fleet.direction", ["ascending", "descending"], "ascending");
  #fleet: Fleet;
  #now: () => EpochMs;

  constructor(fleet: Fleet, now: () => EpochMs) {
    this.#fleet = fleet;
    this.#now = now;
  }

  get order(): Order {
    return { by: this.#by.current, direction: this.#direction.current };
  }

  set order({ by, direction }: Order) {
    this.#by.current = by;
    this.#direction.current = direction;
  }

  turn(by: SortKey): void {
    this.order = turned(this.order, by);
  }

  // The lists below read thousands of entries. They follow the counters of the fleet instead of every entry by itself.
  #inNameOrder: FleetEntry[] = $derived.by(() => {
    const entries = this.#fleet.entries;
    return untrack(() => [...entries.values()].sort(byName));
  });

  #reorder = $derived.by(() => Math.floor(this.#fleet.beat / REORDER_EVERY_BEATS));

  counts: Counts = $derived.by(() => {
    void this.#fleet.beat;
    const entries = this.#fleet.entries;
    const now = this.#now();
    return untrack(() => countsOf(entries.values(), now));
  });

  rows: FleetEntry[] = $derived.by(() => {
    const { query, only, order } = this;
    const inNameOrder = this.#inNameOrder;
    const now = only === null ? 0 : this.#now();
    if (order.by !== "name") void this.#reorder;
    return untrack(() => {
      const isFound = (entry: FleetEntry) => matches(entry, query) && (only === null || entry.statusAt(now) === only);
      return sorted(inNameOrder.filter(isFound), order);
    });
  });
}
