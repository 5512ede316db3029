/** Moves the focus so many rows on, so that Enter and the screen reader follow by themselves. */
export function stepRow(by: number): void {
  const links = [...document.querySelectorAll<HTMLElement>("[data-index] [data-title]")];
  const row = document.activeElement?.closest("[data-index]");
  const now = links.findIndex((link) => row?.contains(link));
  focus(links[now === -1 ? 0 : Math.min(links.length - 1, Math.max(0, now + by))]);
}

export function focusRow(index: number): void {
  focus(document.querySelector<HTMLElement>(`[data-index="${index}"] [data-title]`));
}

function focus(link: HTMLElement | null | undefined): void {
  link?.focus({ preventScroll: true });
  link?.closest("[data-index]")?.scrollIntoView({ block: "nearest" });
}
