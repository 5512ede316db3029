import type { D1Database, D1PreparedStatement } from "./d1.ts";
import { drizzle } from "drizzle-orm/d1";
import { usage } from "../usage.ts";

/** Drizzle over D1. `$client` is the bare database, for statements whose shape is the point (bulk by `json_each`). */
export function database(d1: D1Database) {
  return drizzle(counted(d1));
}
export type Database = ReturnType<typeof database>;

/** The database with every row that it reads and writes counted: rows are what the plan's limits count. */
function counted(d1: D1Database): D1Database {
  const database = {
    prepare: (sql: string) => countedStatement(d1.prepare(sql)),
    async batch<Row>(statements: D1PreparedStatement[]) {
      const results = await d1.batch<Row>(statements.map(bare));
      for (const { meta } of results) usage.rows(meta);
      return results;
    },
    exec: (sql: string) => d1.exec(sql),
  };
  return database as unknown as D1Database;
}

const bareOf = new WeakMap<object, D1PreparedStatement>();
const bare = (statement: D1PreparedStatement) => bareOf.get(statement) ?? statement;

function countedStatement(statement: D1PreparedStatement): D1PreparedStatement {
  const one = {
    bind: (...values: unknown[]) => countedStatement(statement.bind(...values)),
    async run<Row>() {
      const result = await statement.run<Row>();
      usage.rows(result.meta);
      return result;
    },
    async all<Row>() {
      const result = await statement.all<Row>();
      usage.rows(result.meta);
      return result;
    },
    async first<Row>(column?: string) {
      const { results, meta } = await statement.all<Record<string, unknown>>();
      usage.rows(meta);
      const row = results[0];
      if (!row) return null;
      return (column === undefined ? row : row[column]) as Row;
    },
    async raw(options?: { columnNames?: boolean }) {
      const rows = await statement.raw(options as { columnNames: true });
      usage.rowsSeen(rows.length);
      return rows;
    },
  };
  bareOf.set(one, statement);
  return one as unknown as D1PreparedStatement;
}
