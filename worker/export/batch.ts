import type { EpochMs } from "../../contract/units.ts";
import type { SnowflakeClient } from "../snowflake/client.ts";
import type { LandingTable } from "./landing.ts";

/** Fields of a row by the names of its table's columns; what is null or undefined is left out, which lands as NULL. */
export type LandingRow = Record<string, string | number | object | null | undefined>;

/** What was read as one, a block or a single thing, as the lines of its rows. */
export type Piece = readonly string[];

/** Rows that are sent at one go, gathered as long as it has room. No row is in it twice. */
export interface Batch {
  readonly rows: number;
  /** Always for the first. */
  hasRoomFor(piece: Piece): boolean;
  add(piece: Piece): Promise<void>;
  /** When it returns, Snowflake holds the rows. Throws a `SnowflakeProblem`. */
  send(client: SnowflakeClient, table: LandingTable, deadline: EpochMs): Promise<void>;
}

/** Characters of its lines, line ends included. */
export function lengthOf(piece: Piece): number {
  return piece.reduce((sum, line) => sum + line.length + 1, 0);
}

export function lineOf(row: LandingRow): string {
  return JSON.stringify(row, (_, value: unknown) => value ?? undefined);
}

/** A moment as TIMESTAMP_NTZ reads it: UTC without a zone. */
export function momentText(at: EpochMs): string {
  return new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/(\.000)?Z$/, "");
}

export function momentOrNull(at: EpochMs | null): string | null {
  return at === null ? null : momentText(at);
}
