/** Rows of one call: each brings 90 days, and the Worker has 10 ms of CPU for all of them on the Free plan. */
export const PAGE_ROWS = 40;

/** A row, or a place whose row has not been loaded. */
export type Place<Row> = Row | undefined;

/**
 * A page put into the list it is of. Between two calls rows change places: one that stands in two of them stays where the
 * newer page has it, and leaves its other place to be loaded again.
 */
export function withPage<Row extends { id: string }>(
  places: readonly Place<Row>[],
  total: number,
  offset: number,
  page: readonly Row[],
): Place<Row>[] {
  const here = new Set(page.map(({ id }) => id));
  const next = Array.from({ length: total }, (_, index) => {
    const row = places[index];
    return row && here.has(row.id) ? undefined : row;
  });
  // What was here before and is not in the new page is no longer here.
  for (let index = offset; index < Math.min(total, offset + PAGE_ROWS); index += 1) next[index] = page[index - offset];
  return next;
}

/** The pages these rows are on, from `first` up to before `end`. */
export function pagesOf(first: number, end: number): number[] {
  if (end <= first) return [];
  const from = Math.floor(first / PAGE_ROWS);
  const to = Math.floor((end - 1) / PAGE_ROWS);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
