/** Which rows of a long list are worth being in the page: those in sight, and a few around them. */
export interface RowWindow {
  first: number;
  /** One past the last. */
  end: number;
}

const ROWS_AROUND = 6;

/** `scrolled` is how far the list's top lies above the viewport's; negative while the list begins further down. */
export function rowsInSight(scrolled: number, viewportHeight: number, rowHeight: number, count: number): RowWindow {
  const first = Math.floor(scrolled / rowHeight) - ROWS_AROUND;
  const end = Math.ceil((scrolled + viewportHeight) / rowHeight) + ROWS_AROUND;
  const clamp = (row: number) => Math.min(count, Math.max(0, row));
  return { first: clamp(first), end: clamp(end) };
}

/** How many cards stand side by side. */
export function columnsIn(width: number, cardWidthMin: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (cardWidthMin + gap)));
}
