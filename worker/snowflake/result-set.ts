import { z } from "zod";
import { decodedCell, type Cell, type Column } from "./decode.ts";
import { SnowflakeProblem } from "./problem.ts";
import { notUnderstood } from "./refusal-words.ts";

/** What a statement answered, decoded. */
export interface ResultSet {
  columns: Column[];
  rows: Cell[][];
  /** Rows that a DML statement inserted, updated or deleted; null where it is none. */
  changed: number | null;
  /** By which Snowflake's query history knows it. */
  handle: string;
}

/** More than any statement of ours answers. */
const ROWS_MAX = 500_000;

const cells = z.array(z.array(z.string().nullable()));
const counts = z.object({
  numRowsInserted: z.number().catch(0),
  numRowsUpdated: z.number().catch(0),
  numRowsDeleted: z.number().catch(0),
});

/** A ResultSet; what Snowflake leaves out of those of DDL is empty. */
export const resultSchema = z.object({
  statementHandle: z.string().min(1),
  resultSetMetaData: z
    .object({
      rowType: z
        .array(z.object({ name: z.string(), type: z.string(), scale: z.number().nullish() }))
        .nullish()
        .transform((types) => types ?? []),
      partitionInfo: z
        .array(z.object({ rowCount: z.number() }))
        .nullish()
        .transform((parts) => parts ?? []),
    })
    .nullish()
    .transform((said) => said ?? { rowType: [], partitionInfo: [] }),
  data: cells.nullish().transform((rows) => rows ?? []),
  stats: counts.nullish(),
});

/** What 202 says. */
export const pendingSchema = z.object({ statementHandle: z.string().min(1) });

const partSchema = z.object({ data: cells });

export function resultOf({
  statementHandle,
  resultSetMetaData,
  data,
  stats,
}: z.output<typeof resultSchema>): ResultSet {
  const { rowType, partitionInfo } = resultSetMetaData;
  const rows = partitionInfo.reduce((sum, { rowCount }) => sum + rowCount, 0);
  if (rows > ROWS_MAX || partitionInfo.length > 100) {
    throw new SnowflakeProblem(
      "statement_refused",
      `A statement answered with ${rows} rows, more than can be taken.`,
      "Nothing to do here: fewer instances or days are asked for next time.",
    );
  }
  const columns = rowType.map(({ name, type, scale }) => ({ name, type: type.toLowerCase(), scale: scale ?? null }));
  return {
    columns,
    rows: decodedRows(data, columns),
    changed: stats ? stats.numRowsInserted + stats.numRowsUpdated + stats.numRowsDeleted : null,
    handle: statementHandle,
  };
}

/** The rows of a further partition, which has the columns of the first. */
export function partitionRows(json: unknown, columns: readonly Column[]): Cell[][] {
  const { data } = partSchema.safeParse(json);
  if (!data) throw notUnderstood(200);
  return decodedRows(data.data, columns);
}

function decodedRows(rows: (string | null)[][], columns: readonly Column[]): Cell[][] {
  return rows.map((row) => row.map((cell, place) => decodedCell(cell, columns[place] ?? { type: "text" })));
}
