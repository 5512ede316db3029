import { generateKeyPairSync, type KeyPairKeyObjectResult } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { Listening } from "../listening.ts";
import { Account, ADMIN, type Session } from "./account.ts";
import { Cortex } from "./cortex.ts";
import { CortexRest } from "./cortex-rest.ts";
import { Engine } from "./engine.ts";
import { Faults, nameOf, type Fault } from "./faults.ts";
import { Refusal } from "./refusal.ts";
import { Runner } from "./runner.ts";
import { SignIn } from "./sign-in.ts";
import { statementsOf } from "./sql-text.ts";
import { refused, Statements } from "./statements.ts";
import { Streaming } from "./streaming.ts";
import type { SnowflakeOrders, SnowflakeRequest, SnowflakeTold } from "./told.ts";
import type { Answer, Asked } from "./wire.ts";

/**
 * A Snowflake account at the wall. HTTP as documented: the SQL API, Snowpipe Streaming over REST (elastic channel), Cortex over
 * REST; beneath it a real SQL engine (DuckDB), which the statements reach after a translator, and an account that knows roles,
 * rights, users, warehouses and what they cost. `snowflake/setup.sql` is really run on it, by ACCOUNTADMIN.
 *
 * In the same process: `const snowflake = await Snowflake.start()`; then `snowflake.url`, `snowflake.obey(orders)`,
 * `snowflake.told()`, `snowflake.cortex.answer = (prompt, schema) => ...`, `snowflake.stop()`.
 * From a test inside workerd: `POST ${inject("outside")}/snowflake` answers `{ url }` of an account of one's own, prepared by
 * setup.sql (with `{"setup": false}` as the body: an empty one); `GET ${url}/__control` tells (`SnowflakeTold`),
 * `POST ${url}/__control` with `SnowflakeOrders` changes it and tells. Both are in `told.ts`.
 *
 * What it refuses, it refuses in Snowflake's codes; what it cannot translate, it refuses with `000000`, and never guesses. Where
 * Snowflake is lenient without a word (a landing row that lacks a column is left out), it does so too, and tells it.
 *
 * What it does not prove: how fast or dear anything is; the optimizer, pruning and clustering; limits other than those named here;
 * concurrency (one statement after the other); collations, time zones and formats beyond those used; precision of TIMESTAMP_NTZ(3),
 * kept finer here, and of SYSDATE(), true to the second; the whole of access control (future grants, secondary roles, masking,
 * network policies and that a service user's PAT needs one; PUBLIC holds no CORTEX_USER here, while real accounts begin with that
 * grant); whether Snowflake's own parser takes what the translator takes, and the other way round; what models say, and how well
 * FORECAST and ANOMALY_DETECTION do (these are seasonal naive); the statuses of refusals at the door to a role or a warehouse (390189,
 * 390201); the codes of the streaming endpoints other than ERR_TABLE_DOES_NOT_EXIST_NOT_AUTHORIZED, which no public page names.
 */
export class Snowflake {
  readonly account = new Account();
  readonly cortex = new Cortex();
  readonly complaints: string[] = [];
  readonly #requests: SnowflakeRequest[] = [];
  readonly #faults = new Faults();
  readonly #signIn = new SignIn(this.account, NAMES.ACCOUNT);
  #engine!: Engine;
  #runner!: Runner;
  #statements!: Statements;
  #streaming!: Streaming;
  #rest!: CortexRest;
  #listening!: Listening;
  #now: number | null = null;
  #areModelsObjects = false;
  #rows: Record<string, unknown>[] = [];
  #problem: string | null = null;

  /** @param setup whether `snowflake/setup.sql` is run first */
  static async start({ setup = true }: { setup?: boolean } = {}): Promise<Snowflake> {
    const snowflake = new Snowflake();
    const now = () => snowflake.now;
    snowflake.#engine = await Engine.start((name, args) => snowflake.cortex.inSql(name, args, now()));
    const { account, complaints, cortex } = snowflake;
    account.rolesOf.set("ADMIN", new Set([ADMIN]));
    snowflake.#runner = new Runner(account, snowflake.#engine, now);
    snowflake.#statements = new Statements(account, snowflake.#runner, now, complaints);
    snowflake.#streaming = new Streaming(account, snowflake.#engine, snowflake.#signIn, complaints);
    snowflake.#rest = new CortexRest(account, snowflake.#runner, cortex);
    if (setup) await snowflake.paste(setupSql());
    snowflake.#listening = await Listening.start((request, response) => void snowflake.#take(request, response));
    return snowflake;
  }

  get url(): string {
    return this.#listening.url;
  }

  get now(): number {
    return this.#now ?? Date.now();
  }

  async stop(): Promise<void> {
    await this.#listening.stop();
    this.#engine.stop();
  }

  /** As ACCOUNTADMIN in a worksheet: to the end, or to the first that fails. */
  async paste(sql: string): Promise<void> {
    const session = admin();
    for (const statement of statementsOf(sql)) await this.#runner.run(session, statement);
    this.#streaming.forgetTables();
  }

  /** Rows of one statement, as ACCOUNTADMIN. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const session = { ...admin(), place: { database: NAMES.DATABASE, schema: "PUBLIC" } };
    return (await this.#runner.run(session, sql)).rows.objects;
  }

  async obey(orders: SnowflakeOrders): Promise<void> {
    const { fault, now, paste, query, forget, models, script, partitionRows, isStreamingPlain, areModelsObjects } =
      orders;
    if (fault !== undefined) this.#faults.set(fault);
    if (now !== undefined) this.#now = now;
    if (models) this.cortex.models = models;
    if (script) this.cortex.script = script;
    if (partitionRows !== undefined) this.#statements.partitionRows = partitionRows;
    if (areModelsObjects !== undefined) this.#areModelsObjects = areModelsObjects;
    if (isStreamingPlain !== undefined) this.#streaming.isPlain = isStreamingPlain;
    if (forget) this.#forget(forget.privilege, forget.on);
    this.#problem = null;
    try {
      if (paste !== undefined) await this.paste(paste);
      if (query !== undefined) this.#rows = await this.query(query);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
  }

  async told(): Promise<SnowflakeTold> {
    const { completions } = this.cortex;
    const asked: Record<string, number> = {};
    for (const { name } of this.#requests) asked[name] = (asked[name] ?? 0) + 1;
    const { ACCOUNT: account, USER: user, ROLE: role, WAREHOUSE: warehouse, DATABASE: database } = NAMES;
    return {
      account,
      user,
      role,
      warehouse,
      database,
      ...keys(),
      pat: this.#signIn.pat,
      oauth: this.#signIn.oauth,
      asked,
      requests: this.#requests,
      completions,
      statements: this.#statements.executed,
      warehouses: Object.fromEntries(
        [...this.account.warehouses].map(([name, one]) => [name, one.tell(this.now)] as const),
      ),
      trainings: this.#runner.models.trainings,
      rowsLanded: await this.#rowsLanded(),
      rowsDropped: this.#streaming.rowsDropped,
      complaints: this.complaints,
      rows: this.#rows,
      problem: this.#problem,
    };
  }

  async #rowsLanded(): Promise<Record<string, number>> {
    const tables = [...this.account.objects].filter(([, { kind }]) => kind === "TABLE").map(([name]) => name);
    if (tables.length === 0) return {};
    const quoted = (name: string) => name.replaceAll(/[^.]+/g, '"$&"');
    const counts = tables.map((name) => `SELECT '${name}', count(*) FROM ${quoted(name)}`);
    const { cells } = await this.#engine.run(counts.join(" UNION ALL "));
    return Object.fromEntries(cells.map(([name, count]) => [name!.slice(name!.indexOf(".") + 1), Number(count)]));
  }

  #forget(privilege: string, on: string | undefined): void {
    const whole =
      on === undefined
        ? []
        : [`WAREHOUSE ${on}`, `DATABASE ${on}`, `SCHEMA ${NAMES.DATABASE}.${on}`, `OBJECT ${NAMES.DATABASE}.${on}`];
    for (const securable of ["SNOWFLAKE", ...whole]) this.account.revoke(NAMES.ROLE, securable, [privilege]);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = Buffer.concat((await request.toArray()) as Buffer[]);
    const url = new URL(request.url!, this.url);
    if (url.pathname === "/__control") {
      if (request.method === "POST") await this.obey(JSON.parse(bytes.toString()) as SnowflakeOrders);
      return void response.setHeader("content-type", "application/json").end(JSON.stringify(await this.told()));
    }
    const asked: Asked = { method: request.method!, url, headers: request.headers, bytes };
    const name = nameOf(asked);
    const fault = this.#faults.next(name);
    const answer = await this.#answer(name, asked, fault);
    const { searchParams } = url;
    this.#requests.push({
      name,
      at: this.now,
      requestId: searchParams.get("requestId"),
      isRetry: searchParams.get("retry") === "true" || Number(searchParams.get("retryCount") ?? 0) > 0,
      bytes: bytes.length,
      status: answer?.status ?? 0,
    });
    fault.send(answer, response);
  }

  async #answer(name: string, asked: Asked, fault: Fault): Promise<Answer | null> {
    const instead = fault.instead(name);
    if (instead !== undefined) return instead;
    try {
      return await this.#answerWell(name, asked, fault);
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      this.complaints.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
      return refused(new Refusal(500, "000603", "XX000", "An internal error happened"));
    }
  }

  async #answerWell(name: string, asked: Asked, fault: Fault): Promise<Answer> {
    const { headers, url } = asked;
    if (name === "POST rows") return this.#streaming.append(asked);
    if (!headers["user-agent"]) throw new Refusal(400, "391901", "08001", "The User-Agent header is required.");
    const type = headers["x-snowflake-authorization-token-type"];
    const user = this.#signIn.user(headers.authorization, [type].flat()[0], NAMES.USER, this.now);
    const handle = /^\/api\/v2\/statements\/([^/]+)/.exec(url.pathname)?.[1] ?? "";
    switch (name) {
      case "POST statements":
        return this.#statements.submit(user, asked, fault.polls);
      case "GET statements":
        return this.#statements.ask(handle, asked);
      case "POST cancel":
        return this.#statements.cancel(handle);
      case "GET hostname":
        return this.#streaming.hostname(url.host);
      case "POST token":
        return this.#streaming.token(user, asked, url.host);
      case "POST complete":
        return this.#rest.complete(user, asked);
      case "GET models":
        return this.#rest.models(user, this.#areModelsObjects);
      default:
        return { status: 404, body: "", headers: {} };
    }
  }
}

const NAMES = {
  ACCOUNT: "NEPHOS-TEST",
  DATABASE: "NEPHOS",
  WAREHOUSE: "NEPHOS_WH",
  ROLE: "NEPHOS_ROLE",
  USER: "NEPHOS_USER",
};

function admin(): Session {
  return { user: "ADMIN", role: ADMIN, warehouse: NAMES.WAREHOUSE, place: { database: null, schema: null } };
}

/** RSA keys are slow to make: all accounts of a run share a pair. */
let pair: KeyPairKeyObjectResult | undefined;

function keys(): { privateKey: string; publicKey: string } {
  pair ??= generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return {
    privateKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicKey: pair.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
  };
}

/** `snowflake/setup.sql` as the dashboard would print it for this account. */
export function setupSql(changed: Record<string, string> = {}): string {
  const given: Record<string, string> = { ...NAMES, PUBLIC_KEY: keys().publicKey, CREDIT_QUOTA: "10", ...changed };
  const sql = readFileSync(join(import.meta.dirname, "../../../snowflake/setup.sql"), "utf8");
  return sql.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => given[name] ?? whole);
}
