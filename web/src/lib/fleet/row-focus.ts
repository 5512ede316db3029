import { tick } from "svelte";
import type { ListPlace } from "./list-place.svelte.ts";

/**
 * Moves the focus so many items on in a list of `count`, so that Enter and the screen reader follow by themselves. An item, or
 * the row it is in, carries its place as `data-index`.
 */
export function stepFocus(place: ListPlace, by: number, count: number): void {
  const focused = document.activeElement?.closest<HTMLElement>("[data-index]")?.dataset["index"];
  const next = focused === undefined ? 0 : Number(focused) + by;
  const index = Math.min(count - 1, Math.max(0, next));
  place.reveal(index);
  // The row may only be drawn once the scroll has been measured.
  requestAnimationFrame(() => tick().then(() => linkAt(index)?.focus({ preventScroll: true })));
}

function linkAt(index: number): HTMLElement | null {
  return document.querySelector(`a[data-index="${index}"], [data-index="${index}"] a`);
}
