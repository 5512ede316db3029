import type { Account, ObjectKind, Session } from "./account.ts";
import type { Binding } from "./cells.ts";
import type { Engine, Rows } from "./engine.ts";
import { compilation, doesNotExist, Refusal } from "./refusal.ts";
import { deviationsFor, expected, fit, shareBelow, type Fitted, type Point } from "./seasonal.ts";
import type { SnowflakeTold } from "./told.ts";
import { argument, isTree, literal, type Tree } from "./tree.ts";

/** Runs what a model reads, with the rights of who asks. */
export type ReadQuery = (query: string | Tree) => Promise<Rows>;

type Row = Record<string, unknown>;

interface Model {
  kind: "FORECAST" | "ANOMALY_DETECTION";
  /** By series as JSON; the key `null` where there is but one. */
  series: Map<string, Fitted>;
}

/** `SNOWFLAKE.ML.FORECAST` and `SNOWFLAKE.ML.ANOMALY_DETECTION`: their arguments and columns as documented, their values seasonal naive. */
export class Models {
  readonly trainings: SnowflakeTold["trainings"] = [];
  readonly #models = new Map<string, Model>();
  readonly #account: Account;
  #made = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  /** `CREATE [OR REPLACE] SNOWFLAKE.ML.<kind> <written>(<args>)`. */
  async create(session: Session, kind: Model["kind"], written: string, args: Tree[], readQuery: ReadQuery) {
    const name = this.#account.nameIn(session, written);
    this.#account.checkMaking(session.role, name, `CREATE SNOWFLAKE.ML.${kind}`);
    const given = argumentsOf(args, []);
    if (kind === "ANOMALY_DETECTION" && given["LABEL_COLNAME"] === undefined) {
      throw compilation("001044", "42P13", "Missing argument: LABEL_COLNAME");
    }
    const rows = await this.#input(given, readQuery);
    const grouped = group(rows, given);
    const series = new Map<string, Fitted>();
    for (const [key, points] of grouped) {
      const fitted = fit(points);
      if (fitted) series.set(key, fitted);
    }
    if (series.size === 0) throw trouble("Not enough data: each series must have at least two rows.");
    this.#account.objects.set(name, { kind: kind as ObjectKind, owner: session.role });
    this.#models.set(name, { kind, series });
    this.trainings.push({ kind, name: name.split(".")[2]!, rows: rows.objects.length, series: series.size });
  }

  /** `<written>!FORECAST(<args>)` and `<written>!DETECT_ANOMALIES(<args>)`: the name of a table with what it answers. */
  async ask(session: Session, engine: Engine, call: Tree, bindings: Binding[], readQuery: ReadQuery): Promise<string> {
    const column = (call["this"] as Tree)["column"] as Tree;
    const parts = [column["table"], column["name"]].filter(isTree).map((part) => String(part["name"]));
    const { name: method, args } = (call["expression"] as Tree)["function"] as { name: string; args: Tree[] };
    const name = this.#account.nameIn(session, parts.join("."));
    this.#account.check(session.role, name, ["OWNERSHIP"]);
    const model = this.#models.get(name);
    if (!model) throw doesNotExist("Object", parts.join("."));
    const given = argumentsOf(args, bindings);
    const config = (given["CONFIG_OBJECT"] ?? {}) as { prediction_interval?: number };
    if (model.kind === "FORECAST" && method.toUpperCase() === "FORECAST") {
      return this.#keep(engine, FORECAST_COLUMNS, forecast(model, given, config.prediction_interval ?? 0.95));
    }
    if (model.kind === "ANOMALY_DETECTION" && method.toUpperCase() === "DETECT_ANOMALIES") {
      const rows = await this.#input(given, readQuery);
      return this.#keep(engine, ANOMALY_COLUMNS, detect(model, rows, given, config.prediction_interval ?? 0.99));
    }
    throw compilation("002141", "42601", `Unknown user-defined method ${parts.join(".")}!${method}`);
  }

  async #input(given: Row, readQuery: ReadQuery): Promise<Rows> {
    const rows = await readQuery(given["INPUT_DATA"] as string | Tree);
    const type = (argumentName: string) => {
      const wanted = String(given[argumentName] ?? "").toUpperCase();
      const found = rows.columns.find(({ name }) => name.toUpperCase() === wanted);
      if (!found) throw trouble(`Column ${wanted} of ${argumentName} is not in INPUT_DATA.`);
      return found.type;
    };
    if (type("TIMESTAMP_COLNAME") !== "timestamp_ntz") throw trouble("The timestamp column must be TIMESTAMP_NTZ.");
    if (type("TARGET_COLNAME") !== "real") throw trouble("The target column must be FLOAT.");
    const hasSeries = given["SERIES_COLNAME"] !== undefined && type("SERIES_COLNAME") !== "";
    if (rows.columns.length > (hasSeries ? 3 : 2)) throw trouble("The emulator knows no further features.");
    return rows;
  }

  async #keep(engine: Engine, columns: string[], rows: Row[]): Promise<string> {
    const table = `model_rows_${++this.#made}`;
    const fields = columns.map((column) => {
      const [name, type] = column.split(" ");
      return type === "JSON"
        ? `json_extract(value, '$.${name}') AS ${name}`
        : `CAST(json_extract_string(value, '$.${name}') AS ${type}) AS ${name}`;
    });
    await engine.run(`CREATE TABLE memory.main.${table} AS SELECT ${fields.join(", ")} FROM json_each($1)`, [
      { type: "TEXT", value: JSON.stringify(rows) },
    ]);
    return table;
  }
}

const FORECAST_COLUMNS = ["SERIES JSON", "TS TIMESTAMP", "FORECAST DOUBLE", "LOWER_BOUND DOUBLE", "UPPER_BOUND DOUBLE"];
const ANOMALY_COLUMNS = [
  "SERIES JSON",
  "TS TIMESTAMP",
  "Y DOUBLE",
  ...FORECAST_COLUMNS.slice(2),
  "IS_ANOMALY BOOLEAN",
  "PERCENTILE DOUBLE",
  "DISTANCE DOUBLE",
];

function trouble(words: string): Refusal {
  return new Refusal(422, "100132", "P0000", `JavaScript execution error: Uncaught ${words}`);
}

function forecast({ series }: Model, given: Row, interval: number): Row[] {
  const periods = Number(given["FORECASTING_PERIODS"]);
  if (!Number.isInteger(periods) || periods < 1)
    throw trouble("FORECASTING_PERIODS must be a whole number above zero.");
  const reach = deviationsFor(interval);
  return [...series].flatMap(([key, fitted]) =>
    Array.from({ length: periods }, (_, index) => {
      const { at, forecast: value, deviation } = expected(fitted, index + 1);
      return { SERIES: JSON.parse(key) as unknown, TS: time(at), FORECAST: value, ...bounds(value, reach * deviation) };
    }),
  );
}

function detect({ series }: Model, rows: Rows, given: Row, interval: number): Row[] {
  const reach = deviationsFor(interval);
  return [...group(rows, given)].flatMap(([key, points]) => {
    const fitted = series.get(key);
    if (!fitted) return [];
    return points
      .sort((a, b) => a.at - b.at)
      .map(({ at, value }) => {
        const steps = Math.round((at - fitted.points.at(-1)!.at) / fitted.stepMs);
        if (steps < 1) throw trouble("The rows to look at must lie after those of the training.");
        const { forecast: awaited, deviation } = expected(fitted, steps);
        const distance = deviation === 0 ? Math.sign(value - awaited) * 10 : (value - awaited) / deviation;
        return {
          SERIES: JSON.parse(key) as unknown,
          TS: time(at),
          Y: value,
          FORECAST: awaited,
          ...bounds(awaited, reach * deviation),
          IS_ANOMALY: Math.abs(distance) > reach,
          PERCENTILE: shareBelow(distance),
          DISTANCE: distance,
        };
      });
  });
}

function bounds(value: number, reach: number) {
  return { LOWER_BOUND: value - reach, UPPER_BOUND: value + reach };
}

function time(at: number): string {
  return new Date(at).toISOString().replace("Z", "");
}

function group({ objects }: Rows, given: Row): Map<string, Point[]> {
  const named = (row: Row, argumentName: string) => {
    const wanted = String(given[argumentName]).toUpperCase();
    return Object.entries(row).find(([name]) => name.toUpperCase() === wanted)?.[1];
  };
  const grouped = new Map<string, Point[]>();
  for (const row of objects) {
    const key = given["SERIES_COLNAME"] === undefined ? "null" : JSON.stringify(named(row, "SERIES_COLNAME"));
    const value = named(row, "TARGET_COLNAME");
    if (value === null) continue;
    const at = Date.parse(`${String(named(row, "TIMESTAMP_COLNAME")).replace(" ", "T")}Z`);
    grouped.set(key, [...(grouped.get(key) ?? []), { at, value: Number(value) }]);
  }
  return grouped;
}

/** Named arguments with the values of their literals; `INPUT_DATA` as a query. */
function argumentsOf(args: Tree[], bindings: Binding[]): Row {
  return Object.fromEntries(
    args.map((node) => {
      const { name, value } = argument(node);
      if (name === null) throw compilation("000000", "42601", "The emulator understands named arguments only here");
      return [name, name === "INPUT_DATA" ? queryOf(value) : valueOf(value, bindings)];
    }),
  );
}

function queryOf(node: unknown): string | Tree {
  const called = isTree(node) && isTree(node["function"]) ? node["function"] : undefined;
  const args = (called?.["args"] ?? []) as Tree[];
  switch (called?.["name"]) {
    case "TABLE": {
      const [inner] = args;
      if (isTree(inner?.["subquery"])) return inner["subquery"]["this"] as Tree;
      const column = inner?.["column"] as Tree;
      return `SELECT * FROM ${[column["table"], column["name"]]
        .filter(isTree)
        .map((part) => String(part["name"]))
        .join(".")}`;
    }
    case "SYSTEM$REFERENCE":
      return `SELECT * FROM ${literal(args[1])}`;
    case "SYSTEM$QUERY_REFERENCE":
      return literal(args[0])!;
    default:
      throw compilation("000000", "42601", "INPUT_DATA must be TABLE(...) or a reference");
  }
}

function valueOf(node: unknown, bindings: Binding[]): unknown {
  const text = literal(node);
  if (text !== undefined) return text;
  const number = literal(node, "number");
  if (number !== undefined) return Number(number);
  if (!isTree(node)) return undefined;
  if (isTree(node["boolean"])) return node["boolean"]["value"];
  const called = isTree(node["function"]) ? (node["function"] as { name: string; args: Tree[] }) : undefined;
  if (called?.name === "SF_BIND") {
    const { type, value } = bindings[Number(literal(called.args[0], "number")) - 1]!;
    return type === "TEXT" ? value : Number(value);
  }
  if (called?.name === "json_object") {
    const pairs = Array.from({ length: called.args.length / 2 }, (_, index) => [
      literal(called.args[2 * index]),
      valueOf(called.args[2 * index + 1], bindings),
    ]);
    return Object.fromEntries(pairs) as unknown;
  }
  throw compilation("000000", "42601", "The emulator understands constants only here");
}
