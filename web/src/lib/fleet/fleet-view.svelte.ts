import { untrack } from "svelte";
import type { EpochMs } from "../../../../contract/units.ts";
import { countsOf, type Counts, type Fleet, type FleetEntry } from "../live/fleet.svelte.ts";
import type { Condition } from "../live/status.ts";
import { Persisted } from "../persisted.svelte.ts";
import { type Choice, choicesOf, type Facet, FACETS, isWithin, type Scope, WHOLE_FLEET } from "./filters.ts";
import { byName, type Direction, matches, type Order, sorted, SORT_KEYS, type SortKey, turned } from "./order.ts";

/** Rows that change places every second cannot be read: live figures reorder the list this often. */
const REORDER_EVERY_BEATS = 5;

/** What the reader looks at: search, filter, order and shape of the fleet. It outlives a visit to an instance. */
export class FleetView {
  query = $state("");
  only = $state<Condition | null>(null);
  scope = $state.raw<Scope>(WHOLE_FLEET);
  /** Accounts at clouds by id: the fleet tells their ids alone. */
  accountNames = $state.raw<ReadonlyMap<string, string>>(new Map());
  shape = new Persisted("fleet.shape", ["cards", "table"], "cards");
  /** What the table is about: how the machines are, or what they are. */
  columns = new Persisted("fleet.columns", ["figures", "facts"], "figures");
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

  narrow(facet: Facet, value: string): void {
    this.scope = { ...this.scope, [facet]: value };
  }

  get isNarrowed(): boolean {
    return this.query !== "" || this.only !== null || FACETS.some((facet) => this.scope[facet] !== "");
  }

  showAll(): void {
    this.query = "";
    this.only = null;
    this.scope = WHOLE_FLEET;
  }

  // The lists below read thousands of entries. They follow the counters of the fleet instead of every entry by itself.
  #inNameOrder: FleetEntry[] = $derived.by(() => {
    const entries = this.#fleet.entries;
    return untrack(() => [...entries.values()].sort(byName));
  });

  #inScope: FleetEntry[] = $derived.by(() => {
    const { query, scope } = this;
    const inNameOrder = this.#inNameOrder;
    const isFound = (entry: FleetEntry) => isWithin(entry.instance, scope) && matches(entry, query);
    return untrack(() => inNameOrder.filter(isFound));
  });

  #reorder = $derived.by(() => Math.floor(this.#fleet.beat / REORDER_EVERY_BEATS));

  choices: Record<Facet, Choice[]> = $derived.by(() => {
    const { scope, accountNames } = this;
    const inNameOrder = this.#inNameOrder;
    return untrack(() =>
      choicesOf(
        inNameOrder.map(({ instance }) => instance),
        scope,
        (id) => accountNames.get(id),
      ),
    );
  });

  /** What is in scope, whatever its condition. */
  counts: Counts = $derived.by(() => {
    void this.#fleet.beat;
    const inScope = this.#inScope;
    const now = this.#now();
    return untrack(() => countsOf(inScope, now));
  });

  get total(): number {
    return this.#inScope.length;
  }

  rows: FleetEntry[] = $derived.by(() => {
    const { only, order } = this;
    const inScope = this.#inScope;
    if (order.by !== "name") void this.#reorder;
    const now = only === null ? untrack(this.#now) : this.#now();
    return untrack(() => {
      const shown = only === null ? inScope : inScope.filter((entry) => entry.conditionAt(now) === only);
      return sorted(shown, order, now);
    });
  });
}
