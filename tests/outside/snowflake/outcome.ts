import type { Rows } from "./engine.ts";

/** What a statement came to. */
export interface Outcome {
  rows: Rows;
  /** Of statements that change rows. */
  stats: Record<string, number> | null;
}

export const NO_CHANGES = { numRowsInserted: 0, numRowsUpdated: 0, numRowsDeleted: 0, numDuplicateRowsUpdated: 0 };

/** What a statement that answers no rows says. */
export function said(words: string, name = "status"): Outcome {
  const text = { scale: null, precision: null, length: 16_777_216, byteLength: 16_777_216, nullable: true } as const;
  const column = { name, database: "", schema: "", table: "", type: "text", collation: null, ...text };
  return { rows: { columns: [column], cells: [[words]], objects: [{ [name]: words }] }, stats: null };
}

/** What a statement that changes rows answers. */
export function counted(counts: [name: string, count: number][]): Rows {
  const fixed = { scale: 0, precision: 19, length: null, byteLength: null, nullable: false } as const;
  return {
    columns: counts.map(([name]) => ({
      name,
      database: "",
      schema: "",
      table: "",
      type: "fixed",
      collation: null,
      ...fixed,
    })),
    cells: [counts.map(([, count]) => String(count))],
    objects: [Object.fromEntries(counts)],
  };
}
