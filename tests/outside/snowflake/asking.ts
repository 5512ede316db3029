import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { signedToken } from "./signed.ts";
import type { Snowflake } from "./snowflake.ts";
import type { SnowflakeTold } from "./told.ts";

export interface Answered {
  status: number;
  code: string;
  sqlState?: string;
  message: string;
  data: (string | null)[][];
  statementHandle: string;
  statementStatusUrl: string;
  resultSetMetaData: { rowType: { name: string; type: string }[]; partitionInfo: unknown[] };
}

/** The plainest client there can be, for tests of the account itself; signs with its key, by its clock. */
export class Asking {
  readonly #snowflake: Snowflake;
  readonly #told: SnowflakeTold;

  private constructor(snowflake: Snowflake, told: SnowflakeTold) {
    this.#snowflake = snowflake;
    this.#told = told;
  }

  static async of(snowflake: Snowflake): Promise<Asking> {
    return new Asking(snowflake, await snowflake.told());
  }

  headers(token = signedToken(this.#told, this.#snowflake.now)): Record<string, string> {
    return { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "Nephos/1.0" };
  }

  async ask(path: string, method = "GET", body?: unknown, token?: string): Promise<Answered> {
    const response = await fetch(this.#snowflake.url + path, {
      method,
      headers: { ...this.headers(token), "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { ...((await response.json()) as Answered), status: response.status };
  }

  run(statement: string, more: object = {}, query = "", token?: string): Promise<Answered> {
    return this.ask(`/api/v2/statements${query}`, "POST", { statement, ...more }, token);
  }

  /** Lands rows as Snowpipe Streaming does. */
  async land(table: string, rows: object[], changed: Record<string, string> = {}): Promise<Response> {
    const { url } = this.#snowflake;
    const named = await fetch(`${url}/v2/streaming/hostname`, { headers: this.headers() });
    const { hostname } = (await named.json()) as { hostname: string };
    const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", scope: hostname };
    const body = new URLSearchParams(form);
    const scoped = await fetch(`${url}/oauth/token`, { method: "POST", headers: this.headers(), body });
    const { token } = (await scoped.json()) as { token: string };
    const at = `${url}/v2/streaming/data/databases/nephos/schemas/landing/tables/${table}/rows`;
    return fetch(`${at}?requestId=${randomUUID()}&retryCount=0`, {
      method: "POST",
      headers: {
        ...this.headers(token),
        "content-type": "application/x-ndjson",
        "content-encoding": "gzip",
        ...changed,
      },
      body: gzipSync(rows.map((row) => JSON.stringify(row)).join("\n")),
    });
  }
}
