import { gunzipSync } from "node:zlib";
import type { Account } from "./account.ts";
import type { Engine } from "./engine.ts";
import { Refusal } from "./refusal.ts";
import type { SignIn } from "./sign-in.ts";
import type { SnowflakeTold } from "./told.ts";
import { json, type Answer, type Asked } from "./wire.ts";

const WIRE_MAX_BYTES = 4 * 1024 * 1024;
export const ROWS = /^\/v2\/streaming\/data\/databases\/([^/]+)\/schemas\/([^/]+)\/tables\/([^/]+)\/rows$/;

interface TableColumn {
  name: string;
  type: string;
  isRequired: boolean;
}

/** What an append is refused with: `{code, message}`. */
function refusal(status: number, code: string, message: string): Answer {
  return json(status, { code, message });
}

/** Snowpipe Streaming over REST, elastic channel: rows land in the table, at least once, in no order. */
export class Streaming {
  isPlain = false;
  readonly #tables = new Map<string, TableColumn[]>();
  readonly rowsDropped: SnowflakeTold["rowsDropped"] = [];
  readonly #account: Account;
  readonly #engine: Engine;
  readonly #signIn: SignIn;
  readonly #complaints: string[];

  constructor(account: Account, engine: Engine, signIn: SignIn, complaints: string[]) {
    this.#account = account;
    this.#engine = engine;
    this.#signIn = signIn;
    this.#complaints = complaints;
  }

  /** They may have changed. */
  forgetTables(): void {
    this.#tables.clear();
  }

  hostname(host: string): Answer {
    return this.#said("hostname", host);
  }

  token(user: string, { bytes, headers }: Asked, host: string): Answer {
    if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded") !== true) {
      return refusal(400, "INVALID_REQUEST", "Content-Type must be application/x-www-form-urlencoded");
    }
    const form = new URLSearchParams(bytes.toString());
    if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
      return json(400, { error: "unsupported_grant_type", message: "Unsupported grant type" });
    }
    if (form.get("scope") !== host)
      return json(400, { error: "invalid_scope", message: "The scope is not the ingest host" });
    return this.#said("token", this.#signIn.scope(user));
  }

  /** The default role of the user is what counts. */
  async append({ url, headers, bytes }: Asked): Promise<Answer> {
    const [, database = "", schema = "", table = ""] = ROWS.exec(url.pathname) ?? [];
    const name = [database, schema, table].map((part) => decodeURIComponent(part).toUpperCase()).join(".");
    const user = this.#signIn.scoped(headers.authorization);
    if (user === null) return refusal(401, "UNAUTHENTICATED", "The token is not valid.");
    for (const wanted of ["requestId", "retryCount"]) {
      if (!url.searchParams.has(wanted)) this.#complaints.push(`rows without ${wanted}`);
    }
    if (!headers["content-type"]?.startsWith("application/x-ndjson")) {
      return refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/x-ndjson");
    }
    if (bytes.length > WIRE_MAX_BYTES)
      return refusal(413, "PAYLOAD_TOO_LARGE", "The request payload is larger than 4 MB");
    try {
      this.#account.check(this.#account.users.get(user)!.defaultRole ?? "PUBLIC", name, ["INSERT"]);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusal(404, "ERR_TABLE_DOES_NOT_EXIST_NOT_AUTHORIZED", `Table ${name} does not exist or not authorized`);
    }
    const text = textOf(bytes, headers["content-encoding"]);
    const rows = text === null ? null : rowsOf(text);
    if (rows === null) return refusal(400, "INVALID_PAYLOAD", "The payload is not newline-delimited JSON");
    await this.#land(name, rows);
    return json(200, { message: "OK" });
  }

  #said(name: string, value: string): Answer {
    if (!this.isPlain) return json(200, { [name]: value });
    return { status: 200, body: value, headers: { "content-type": "text/plain" } };
  }

  async #land(table: string, rows: Record<string, unknown>[]): Promise<void> {
    const columns = await this.#columnsOf(table);
    const known = new Set(columns.map(({ name }) => name));
    const good: Record<string, unknown>[] = [];
    for (const row of rows) {
      const missing = columns.find(({ name, isRequired }) => isRequired && (row[name] ?? null) === null);
      const unknown = Object.keys(row).find((name) => !known.has(name));
      if (unknown !== undefined) this.#complaints.push(`${table} has no column ${unknown}`);
      if (missing) this.#drop(table, row, `${missing.name} is missing`);
      else good.push(row);
    }
    if (good.length === 0 || (await this.#insert(table, columns, good)) === null) return;
    for (const row of good) {
      const why = await this.#insert(table, columns, [row]);
      if (why !== null) this.#drop(table, row, why);
    }
  }

  #drop(table: string, row: Record<string, unknown>, why: string): void {
    this.rowsDropped.push({ table, row: JSON.stringify(row), why });
  }

  /** All or none; what was wrong, or null. */
  async #insert(table: string, columns: TableColumn[], rows: Record<string, unknown>[]): Promise<string | null> {
    const values = columns.map(({ name, type }) =>
      type === "JSON"
        ? `json_extract(value, '$."${name}"')`
        : `CAST(json_extract_string(value, '$."${name}"') AS ${type})`,
    );
    const names = columns.map(({ name }) => `"${name}"`).join(", ");
    const into = table
      .split(".")
      .map((part) => `"${part}"`)
      .join(".");
    const sql = `INSERT INTO ${into} (${names}) SELECT ${values.join(", ")} FROM json_each($1)`;
    try {
      await this.#engine.run(sql, [{ type: "TEXT", value: JSON.stringify(rows) }]);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #columnsOf(table: string): Promise<TableColumn[]> {
    const known = this.#tables.get(table);
    if (known) return known;
    const sql =
      "SELECT column_name AS name, data_type AS type, NOT is_nullable AS isRequired FROM duckdb_columns() " +
      "WHERE database_name || '.' || schema_name || '.' || table_name = $1 ORDER BY column_index";
    const { objects } = await this.#engine.run(sql, [{ type: "TEXT", value: table }]);
    this.#tables.set(table, objects as unknown as TableColumn[]);
    return this.#tables.get(table)!;
  }
}

function textOf(bytes: Buffer, encoding: string | undefined): string | null {
  try {
    if (encoding === undefined) return bytes.toString();
    return encoding === "gzip" ? gunzipSync(bytes).toString() : null;
  } catch {
    return null;
  }
}

/** Columns are found whatever the case of their names. */
function rowsOf(text: string): Record<string, unknown>[] | null {
  try {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => {
      const row = JSON.parse(line) as Record<string, unknown>;
      return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
    });
  } catch {
    return null;
  }
}
