import type { EpochMs } from "../../contract/units.ts";
import type { SnowflakeClient } from "../snowflake/client.ts";
import { lengthOf, type Batch, type Piece } from "./batch.ts";
import type { LandingTable } from "./landing.ts";

/** Characters of a statement's rows: a VARIANT holds 16 MB, and they stand in memory three times until they are sent. */
const LENGTH_MAX = 6_000_000;

/** By MERGE: each row once in its table, but a warehouse has to run. */
export class MergedBatch implements Batch {
  readonly #lengthMax: number;
  readonly #lines: string[] = [];
  #length = 0;

  constructor(share: number) {
    this.#lengthMax = LENGTH_MAX * share;
  }

  get rows(): number {
    return this.#lines.length;
  }

  hasRoomFor(piece: Piece): boolean {
    return this.rows === 0 || this.#length + lengthOf(piece) <= this.#lengthMax;
  }

  async add(piece: Piece): Promise<void> {
    for (const line of piece) this.#lines.push(line);
    this.#length += lengthOf(piece);
  }

  async send(client: SnowflakeClient, table: LandingTable, deadline: EpochMs): Promise<void> {
    const rows = { type: "TEXT" as const, value: `[${this.#lines.join(",")}]` };
    await client.run(mergeStatement(table), [rows], { deadline, tag: `export ${table.name}` });
  }
}

/**
 * A fixed text for each table, its rows bound as one JSON array. What lands later than what is there takes its place. Names are in quotes,
 * for some of them are words elsewhere.
 */
export function mergeStatement({ name, key, columns }: LandingTable): string {
  const names = Object.keys(columns).map(quoted);
  const read = Object.entries(columns).map(([column, type]) => {
    return `VALUE:${column}${type === "VARIANT" ? "" : `::${type}`} AS ${quoted(column)}`;
  });
  const same = key.map((column) => `T.${quoted(column)} = S.${quoted(column)}`);
  const others = Object.keys(columns).filter((column) => !key.includes(column));
  const set = others.map((column) => `${quoted(column)} = S.${quoted(column)}`);
  return `MERGE INTO LANDING.${name} AS T
USING (
  SELECT ${read.join(",\n    ")}
  FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))
) AS S
ON ${same.join(" AND ")}
WHEN MATCHED AND S."EXPORTED_AT" >= T."EXPORTED_AT" THEN UPDATE SET ${set.join(", ")}
WHEN NOT MATCHED THEN INSERT (${names.join(", ")}) VALUES (${names.map((column) => `S.${column}`).join(", ")})`;
}

function quoted(column: string): string {
  return `"${column}"`;
}
