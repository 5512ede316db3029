import {
  DuckDBInstance,
  DuckDBScalarFunction,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBResultReader,
} from "@duckdb/node-api";
import { bindingOf, cellsOf, columnOf, type Binding, type Cell, type Column } from "./cells.ts";
import { MACROS } from "./macros.ts";
import { fromEngine } from "./refusal.ts";

export interface Rows {
  columns: Column[];
  cells: Cell[][];
  /** By name, as JSON has them. */
  objects: Record<string, unknown>[];
}

/** The real engine beneath: DuckDB in this process. Statements are run one after the other. */
export class Engine {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();
  #clock = 0;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /** `complete` is what `AI_COMPLETE` and its like come to: it is given their name and their arguments as JSON. */
  static async start(complete: (name: string, args: string) => string | null): Promise<Engine> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "1GB" });
    const connection = await instance.connect();
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name: "sf_complete",
        parameterTypes: [VARCHAR, VARCHAR],
        returnType: VARCHAR,
        volatile: true,
        mainFunction: (info, chunk, output) => {
          try {
            const [names, given] = [chunk.getColumnValues(0), chunk.getColumnValues(1)];
            for (let row = 0; row < chunk.rowCount; row++) {
              output.setItem(row, complete(String(names[row]), String(given[row])));
            }
            output.flush();
          } catch (error) {
            info.setError(error instanceof Error ? error.message : String(error));
          }
        },
      }),
    );
    for (const sql of ["SET TimeZone = 'UTC'", ...MACROS]) await connection.run(sql);
    return new Engine(instance, connection);
  }

  stop(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** To the second: a clock that runs would be set before every statement. */
  async setClock(now: number): Promise<void> {
    if (Math.abs(now - this.#clock) < 1_000) return;
    this.#clock = now;
    await this.run(`UPDATE memory.main.clock SET moment = epoch_ms(CAST(${now} AS BIGINT))`);
  }

  /** DuckDB's SQL; bindings stand in for `$1`, `$2` ... */
  run(sql: string, bindings: Binding[] = []): Promise<Rows> {
    const running = this.#last.then(() => this.#run(sql, bindings));
    this.#last = running.catch(() => {});
    return running;
  }

  async #run(sql: string, bindings: Binding[]): Promise<Rows> {
    const bound = bindings.map(bindingOf);
    const typed = sql.replaceAll(/\$(\d+)/g, (whole, number) => {
      const binding = bound[Number(number) - 1];
      return binding ? `CAST(${whole} AS ${binding.cast})` : whole;
    });
    const used = bound.flatMap(({ value }, index) =>
      new RegExp(`\\$${index + 1}\\b`).test(sql) ? [[String(index + 1), value] as const] : [],
    );
    const types = Object.fromEntries(used.map(([number]) => [number, VARCHAR]));
    const values = Object.fromEntries(used);
    try {
      return rowsOf(await this.#connection.runAndReadAll(typed, values, types));
    } catch (error) {
      throw fromEngine(error);
    }
  }
}

function rowsOf(reader: DuckDBResultReader): Rows {
  const types = reader.columnTypes();
  const columns = reader.columnNames().map((name, index) => columnOf(name, String(types[index]), types[index]!.alias));
  return { columns, cells: cellsOf(reader, columns), objects: reader.getRowObjectsJson() };
}
