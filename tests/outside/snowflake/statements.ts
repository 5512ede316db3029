import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Account, Session } from "./account.ts";
import type { Cell } from "./cells.ts";
import { Refusal } from "./refusal.ts";
import type { Outcome } from "./outcome.ts";
import type { Runner } from "./runner.ts";
import { statementsOf } from "./sql-text.ts";
import { sessionOf, statementBodyOf, type StatementBody } from "./statement-body.ts";
import type { ExecutedStatement } from "./told.ts";
import { json, type Answer, type Asked } from "./wire.ts";

/** A statement by its handle: what is still to be done, or what came of it. */
interface Submitted {
  handle: string;
  createdOn: number;
  requestId: string | null;
  nullable: boolean;
  /** How often it still answers that it runs. */
  polls: number;
  run: () => Promise<Outcome>;
  outcome: Outcome | null;
  refusal: Refusal | null;
  /** Of a request with several statements. */
  parts: string[];
}

const SESSION_STATEMENT = /^(USE|ALTER\s+SESSION|BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|SET|UNSET|PUT|GET|LIST)\b/i;

/** The SQL API's statements: `POST /api/v2/statements`, `GET /api/v2/statements/{handle}`, `POST .../cancel`. */
export class Statements {
  partitionRows = 10_000;
  readonly executed: ExecutedStatement[] = [];
  readonly complaints: string[];
  readonly #account: Account;
  readonly #runner: Runner;
  readonly #now: () => number;
  readonly #submitted = new Map<string, Submitted>();
  readonly #byRequest = new Map<string, Submitted>();

  constructor(account: Account, runner: Runner, now: () => number, complaints: string[]) {
    this.#account = account;
    this.#runner = runner;
    this.#now = now;
    this.complaints = complaints;
  }

  /** `polls`: how often it is to be asked before it is done. */
  async submit(user: string, { url, bytes }: Asked, polls: number): Promise<Answer> {
    const requestId = url.searchParams.get("requestId");
    const known = this.#byRequest.get(requestId ?? "");
    if (known && url.searchParams.get("retry") === "true") return this.#answer(known);
    if (known) this.complaints.push(`request ${requestId} came again without retry=true`);
    const body = statementBodyOf(bytes);
    const session = sessionOf(this.#account, user, body);
    const count = Number(body.parameters?.["multi_statement_count"] ?? 1);
    const statements = statementsOf(body.statement as string);
    if (count === 1 && statements.length <= 1) {
      const submitted = this.#put(requestId, url, polls, () => this.#execute(session, body.statement as string, body));
      return this.#answer(submitted, url.searchParams.get("async") === "true");
    }
    if (count !== 0 && statements.length !== count) {
      const words = `Actual statement count ${statements.length} did not match the desired statement count ${count}.`;
      throw new Refusal(422, "000008", "0A000", words);
    }
    if (body.bindings) throw new Refusal(422, "000000", "0A000", "Bindings are not supported with several statements.");
    const parts = statements.map((statement) =>
      this.#put(null, url, 0, () => this.#execute(session, statement, body, true)),
    );
    const whole = this.#put(requestId, url, polls, async () => {
      for (const part of parts) {
        await this.#finish(part);
        if (part.refusal) throw new Refusal(422, "100132", "P0000", part.refusal.message);
      }
      return parts[0]!.outcome!;
    });
    whole.parts = parts.map(({ handle }) => handle);
    return this.#answer(whole, url.searchParams.get("async") === "true");
  }

  async ask(handle: string, { url }: Asked): Promise<Answer> {
    const submitted = this.#known(handle);
    const partition = Number(url.searchParams.get("partition") ?? 0);
    return partition === 0 ? this.#answer(submitted) : this.#partition(submitted, partition);
  }

  cancel(handle: string): Answer {
    const submitted = this.#submitted.get(handle);
    if (!submitted || submitted.outcome || submitted.refusal) {
      throw new Refusal(422, "000709", "02000", `Statement ${handle} not found`);
    }
    submitted.refusal = new Refusal(422, "000604", "57014", "SQL execution canceled");
    submitted.polls = 0;
    const statementStatusUrl = `/api/v2/statements/${handle}`;
    return json(200, {
      code: "000604",
      sqlState: "57014",
      message: "SQL execution canceled",
      statementHandle: handle,
      statementStatusUrl,
    });
  }

  #known(handle: string): Submitted {
    const submitted = this.#submitted.get(handle);
    if (!submitted) throw new Refusal(422, "000709", "02000", `Statement ${handle} not found`);
    return submitted;
  }

  #put(requestId: string | null, url: URL, polls: number, run: () => Promise<Outcome>): Submitted {
    const handle = randomUUID();
    const nullable = url.searchParams.get("nullable") !== "false";
    const createdOn = this.#now();
    const submitted = { handle, createdOn, requestId, nullable, polls, run, outcome: null, refusal: null, parts: [] };
    this.#submitted.set(handle, submitted);
    if (requestId !== null) this.#byRequest.set(requestId, submitted);
    return submitted;
  }

  async #finish(submitted: Submitted): Promise<void> {
    if (submitted.outcome || submitted.refusal) return;
    try {
      submitted.outcome = await submitted.run();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      submitted.refusal = error;
    }
  }

  async #answer(submitted: Submitted, isAsync = false): Promise<Answer> {
    const { handle, createdOn, requestId } = submitted;
    const statementStatusUrl = `/api/v2/statements/${handle}?requestId=${requestId ?? randomUUID()}`;
    if (isAsync || submitted.polls > 0) {
      if (!isAsync) submitted.polls--;
      const message =
        "Asynchronous execution in progress. Use provided query id to perform query monitoring and management.";
      return json(202, { code: "333334", message, statementHandle: handle, statementStatusUrl });
    }
    await this.#finish(submitted);
    const { outcome, refusal, parts } = submitted;
    if (refusal) return refused(refusal, handle, createdOn, statementStatusUrl);
    const { columns, cells } = outcome!.rows;
    const pages = this.#pages(submitted);
    const link = pages.length > 1 ? { link: links(handle, requestId, 0, pages.length) } : undefined;
    return json(
      200,
      {
        resultSetMetaData: {
          numRows: cells.length,
          format: "jsonv2",
          rowType: columns,
          partitionInfo: pages.map((page) => ({
            rowCount: page.length,
            uncompressedSize: Buffer.byteLength(JSON.stringify(page)),
          })),
        },
        data: pages[0] ?? [],
        code: "090001",
        statementStatusUrl,
        ...(requestId !== null && { requestId }),
        sqlState: "00000",
        statementHandle: handle,
        message: "Statement executed successfully.",
        createdOn,
        ...(outcome!.stats && { stats: outcome!.stats }),
        ...(parts.length > 0 && { statementHandles: parts }),
      },
      link,
    );
  }

  async #partition(submitted: Submitted, number: number): Promise<Answer> {
    await this.#finish(submitted);
    const pages = this.#pages(submitted);
    const page = pages[number];
    if (!page) throw new Refusal(400, "391908", "22000", `Partition ${number} does not exist`);
    const link = links(submitted.handle, submitted.requestId, number, pages.length);
    const headers = { "content-type": "application/json", "content-encoding": "gzip", link };
    return { status: 200, body: gzipSync(JSON.stringify({ data: page })), headers };
  }

  #pages({ outcome, nullable }: Submitted): Cell[][][] {
    const cells = outcome?.rows.cells ?? [];
    const shown = nullable ? cells : cells.map((row) => row.map((cell) => cell ?? "null"));
    const count = Math.max(1, Math.ceil(shown.length / this.partitionRows));
    return Array.from({ length: count }, (_, page) =>
      shown.slice(page * this.partitionRows, (page + 1) * this.partitionRows),
    );
  }

  async #execute(session: Session, sql: string, body: StatementBody, isOneOfMany = false): Promise<Outcome> {
    const bindings = body.bindings ?? {};
    const { role, warehouse } = session;
    const tag = body.parameters?.["query_tag"];
    const done = {
      sql,
      bindings,
      role,
      warehouse,
      at: this.#now(),
      code: "090001",
      queryTag: tag === undefined ? null : String(tag),
    };
    this.executed.push(done);
    try {
      if (!isOneOfMany && SESSION_STATEMENT.test(sql.trim())) {
        throw new Refusal(422, "391911", "0A000", "Statement type is not supported by the SQL API.");
      }
      const inOrder = Object.keys(bindings).map((_, index) => {
        const binding = bindings[String(index + 1)];
        if (!binding) throw new Refusal(422, "002049", "42601", `Bind variable :${index + 1} not set.`);
        return binding;
      });
      return await this.#runner.run(session, sql, inOrder);
    } catch (error) {
      if (error instanceof Refusal) done.code = error.code;
      throw error;
    }
  }
}

export function refused(
  { status, code, message, sqlState }: Refusal,
  handle?: string,
  createdOn?: number,
  statementStatusUrl?: string,
): Answer {
  const about = handle === undefined ? {} : { statementHandle: handle, createdOn, statementStatusUrl };
  return json(status, { code, message, ...(status === 422 || status === 408 ? { sqlState, ...about } : {}) });
}

function links(handle: string, requestId: string | null, number: number, count: number): string {
  const to = (partition: number, rel: string) =>
    `</api/v2/statements/${handle}?requestId=${requestId ?? randomUUID()}&partition=${partition}>;rel="${rel}"`;
  return [
    to(0, "first"),
    ...(number > 0 ? [to(number - 1, "prev")] : []),
    ...(number + 1 < count ? [to(number + 1, "next")] : []),
    to(count - 1, "last"),
  ].join(",");
}
