import type { DurableObjectNamespace, DurableObjectState, SqlStorage } from "@cloudflare/workers-types";

/**
 * D1 as plain `workerd serve` lacks it: one SQLite object behind the runtime's own D1 binding, which asks it over HTTP.
 * The output gate holds every answer until what it wrote is on disk, so a reply means as much here as at the edge. It is never
 * evicted, since its count is in memory.
 */

/** What all statements so far came to, as D1's own `meta` counts it. */
export interface Used {
  calls: number;
  rowsRead: number;
  rowsWritten: number;
}

interface Query {
  sql: string;
  params?: (string | number | null)[] | null;
}

export class Database {
  readonly #state: DurableObjectState;
  readonly #sql: SqlStorage;
  readonly #used: Used = { calls: 0, rowsRead: 0, rowsWritten: 0 };

  constructor(state: DurableObjectState) {
    this.#state = state;
    this.#sql = state.storage.sql;
  }

  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === "/used") return Response.json(this.#used);
    this.#used.calls++;
    const body = (await request.json()) as Query | Query[];
    const queries = Array.isArray(body) ? body : [body];
    const asRows = new URL(request.url).searchParams.get("resultsFormat") === "ROWS_AND_COLUMNS";
    try {
      return Response.json(
        this.#state.storage.transactionSync(() => queries.map((query) => this.#answer(query, asRows))),
      );
    } catch (error) {
      return Response.json({ success: false, error: (error as Error).message }, { status: 500 });
    }
  }

  #answer({ sql, params }: Query, asRows: boolean) {
    const changesBefore = this.#changes();
    const cursor = this.#sql.exec(sql, ...(params ?? []));
    const columns = cursor.columnNames;
    const rows = Array.from(cursor.raw());
    this.#used.rowsRead += cursor.rowsRead;
    this.#used.rowsWritten += cursor.rowsWritten;
    return {
      success: true,
      results: asRows
        ? { columns, rows }
        : rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))),
      meta: {
        duration: 0,
        changes: this.#changes() - changesBefore,
        last_row_id: 0,
        rows_read: cursor.rowsRead,
        rows_written: cursor.rowsWritten,
      },
    };
  }

  #changes(): number {
    return this.#sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n;
  }
}

export default {
  fetch: (request: Request, env: { DATABASE: DurableObjectNamespace }) =>
    env.DATABASE.get(env.DATABASE.idFromName("d1")).fetch(request.url, {
      method: request.method,
      body: request.body as never,
    }),
};
