import { DuckDBListType, type DuckDBListValue, type DuckDBResultReader } from "@duckdb/node-api";
import { Refusal } from "./refusal.ts";

/** One column of an answer, as `resultSetMetaData.rowType` has it. */
export interface Column {
  name: string;
  database: string;
  schema: string;
  table: string;
  type: string;
  scale: number | null;
  precision: number | null;
  length: number | null;
  byteLength: number | null;
  nullable: boolean;
  collation: null;
}

export type Cell = string | null;

export interface Binding {
  type: string;
  value: string | null;
}

const INTEGERS = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const DECIMAL = /^DECIMAL\((\d+),(\d+)\)$/;
const TEXT_MAX = 16_777_216;

export function columnOf(name: string, type: string, alias: string | undefined): Column {
  const column = { name, database: "", schema: "", table: "", nullable: true, collation: null } as const;
  const none = { scale: null, precision: null, length: null, byteLength: null };
  const decimal = DECIMAL.exec(type);
  if (decimal) return { ...column, ...none, type: "fixed", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  if (INTEGERS.test(type))
    return { ...column, ...none, type: "fixed", precision: type === "BIGINT" ? 18 : 38, scale: 0 };
  if (type === "DOUBLE" || type === "FLOAT") return { ...column, ...none, type: "real" };
  if (type === "BOOLEAN") return { ...column, ...none, type: "boolean" };
  if (type === "DATE") return { ...column, ...none, type: "date" };
  if (type.startsWith("TIMESTAMP WITH")) return { ...column, ...none, type: "timestamp_ltz", precision: 0, scale: 9 };
  if (type.startsWith("TIMESTAMP")) return { ...column, ...none, type: "timestamp_ntz", precision: 0, scale: 9 };
  if (alias === "JSON" || /^(STRUCT|MAP)/.test(type)) return { ...column, ...none, type: "variant" };
  if (type.endsWith("[]")) return { ...column, ...none, type: "array" };
  if (type === "VARCHAR" || type === '"NULL"') {
    return { ...column, ...none, type: "text", length: TEXT_MAX, byteLength: TEXT_MAX };
  }
  throw new Refusal(422, "000000", "0A000", `The emulator knows no Snowflake type for ${type}`);
}

/** Microseconds as seconds with nine decimals. */
function seconds(micros: bigint): string {
  const sign = micros < 0n ? "-" : "";
  const whole = micros < 0n ? -micros : micros;
  return `${sign}${whole / 1_000_000n}.${String(whole % 1_000_000n).padStart(6, "0")}000`;
}

/** Cells as the SQL API writes them: text, or null. */
export function cellsOf(reader: DuckDBResultReader, columns: Column[]): Cell[][] {
  const plain = reader.getRowsJson();
  const listsOfJson = reader
    .columnTypes()
    .map((type) => type instanceof DuckDBListType && type.valueType.alias === "JSON");
  return reader.getRows().map((row, index) =>
    columns.map(({ type }, place) => {
      const value = row[place] as unknown;
      if (value === null || value === undefined) return null;
      if (type === "date") return String((value as { days: number }).days);
      if (type.startsWith("timestamp")) return seconds((value as { micros: bigint }).micros);
      if (listsOfJson[place]) return `[${(value as DuckDBListValue).items.map(String).join(",")}]`;
      if (type === "variant" || type === "array") {
        return typeof value === "string" ? value : JSON.stringify(plain[index]![place]);
      }
      return String(value);
    }),
  );
}

function refused(type: string, value: string): Refusal {
  return new Refusal(422, "100037", "22018", `Numeric value '${value}' is not recognized as ${type}`);
}

/** A binding as an expression of DuckDB and what goes into its place. */
export function bindingOf({ type, value }: Binding): { cast: string; value: string | null } {
  const number = (pattern: RegExp) => {
    if (value !== null && !pattern.test(value)) throw refused(type, value);
    return value;
  };
  switch (type) {
    case "TEXT":
      return { cast: "VARCHAR", value };
    case "FIXED": {
      const text = number(/^-?\d+(\.\d+)?$/);
      return { cast: `DECIMAL(38, ${text?.split(".")[1]?.length ?? 0})`, value: text };
    }
    case "REAL":
      return { cast: "DOUBLE", value: number(/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i) };
    case "BOOLEAN":
      return { cast: "BOOLEAN", value: number(/^(true|false)$/i) };
    case "DATE": {
      const ms = number(/^-?\d+$/);
      return { cast: "DATE", value: ms === null ? null : new Date(Number(ms)).toISOString().slice(0, 10) };
    }
    case "TIMESTAMP_NTZ":
    case "TIMESTAMP_LTZ": {
      const nanos = number(/^-?\d+$/);
      const micros = nanos === null ? null : BigInt(nanos) / 1_000n;
      if (micros === null) return { cast: "TIMESTAMP", value: null };
      const rest = String(((micros % 1_000_000n) + 1_000_000n) % 1_000_000n).padStart(6, "0");
      const second = (micros - BigInt(rest)) / 1_000_000n;
      return {
        cast: "TIMESTAMP",
        value: new Date(Number(second) * 1_000).toISOString().replace(/\.\d+Z$/, `.${rest}`),
      };
    }
    default:
      throw new Refusal(422, "100037", "22018", `Unsupported data type for binding: ${type}`);
  }
}
