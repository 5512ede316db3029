import type { Place } from "./pages.ts";

/** The rows something is about to be done with. */
export class Selection {
  ids = $state.raw<ReadonlySet<string>>(new Set());
  #lastId: string | null = null;

  get size(): number {
    return this.ids.size;
  }

  /** With `isRange`, all from the one chosen before to this one. */
  toggle(id: string, rows: readonly Place<{ id: string }>[], isRange = false): void {
    const next = new Set(this.ids);
    const range = isRange ? between(rows, this.#lastId, id) : [];
    if (range.length > 0) for (const one of range) next.add(one);
    else if (!next.delete(id)) next.add(id);
    this.ids = next;
    this.#lastId = id;
  }

  set(ids: readonly string[]): void {
    this.ids = new Set(ids);
  }

  clear(): void {
    this.ids = new Set();
    this.#lastId = null;
  }
}

function between(rows: readonly Place<{ id: string }>[], one: string | null, other: string): string[] {
  const places = [one, other].map((id) => rows.findIndex((row) => row?.id === id));
  if (places.includes(-1)) return [];
  return rows.slice(Math.min(...places), Math.max(...places) + 1).flatMap((row) => row?.id ?? []);
}
