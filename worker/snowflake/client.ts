import type { EpochMs } from "../../contract/units.ts";
import type { SnowflakeNames } from "../../contract/snowflake.ts";
import { baseUrlOf, type SnowflakeAccess } from "./access.ts";
import type { Binding } from "./binding.ts";
import type { SnowflakeClock } from "./clock.ts";
import { ask, pauseBefore, refusalOf, type Answer } from "./request.ts";
import { SnowflakeProblem } from "./problem.ts";
import { problemOf } from "./refusal.ts";
import { notUnderstood, timedOut, unreachable } from "./refusal-words.ts";
import { partitionRows, pendingSchema, resultOf, resultSchema, type ResultSet } from "./result-set.ts";
import { SignIn } from "./sign-in.ts";

/** How a statement is to be run. */
export interface Asked {
  /** What is not done by then is cancelled, and `timed_out` is thrown. */
  deadline: EpochMs;
  /** A UUID. Handed in, the statement is not executed again where it has been under the same one, in this call or an earlier one. */
  requestId?: string;
  /** Shows in Snowflake's query history behind `nephos`. */
  tag?: string;
  /** What it runs in; absent: the connection's names. */
  context?: Partial<Pick<SnowflakeNames, "role" | "warehouse" | "database">>;
}

/** A request to another REST interface of the account. */
export interface RestAsked {
  deadline: EpochMs;
  body?: object;
}

/** Where `snowflake/setup.sql` puts the views, and what is learned. */
const SCHEMA = "PUBLIC";

/** The longest pause between two looks at a statement that runs. */
const LOOK_MAX_MS = 5_000;
const FIRST_LOOK_MS = 250;

/**
 * Snowflake's SQL API (developer-guide/sql-api) with one connection. Whatever goes wrong is thrown as a `SnowflakeProblem`. Statements are
 * fixed texts; whatever is not known when they are written is bound.
 */
export class SnowflakeClient {
  readonly access: SnowflakeAccess;
  readonly clock: SnowflakeClock;
  readonly signIn: SignIn;
  readonly #base: string;

  constructor(access: SnowflakeAccess, clock: SnowflakeClock) {
    this.access = access;
    this.clock = clock;
    this.signIn = new SignIn(access, clock);
    this.#base = baseUrlOf(access);
  }

  /** One statement, run once however often it has to be sent. */
  async run(statement: string, bindings: readonly Binding[], asked: Asked): Promise<ResultSet> {
    const { deadline, requestId = crypto.randomUUID(), tag, context } = asked;
    const mayBeKnown = asked.requestId !== undefined;
    const { role, warehouse, database } = this.access.names;
    const body = JSON.stringify({
      statement,
      timeout: Math.max(1, Math.ceil((deadline - this.clock.now()) / 1_000)),
      ...(context ?? { role, warehouse, database, schema: SCHEMA }),
      ...(bindings.length > 0 && { bindings: Object.fromEntries(bindings.map((one, index) => [index + 1, one])) }),
      parameters: { query_tag: tag === undefined ? "nephos" : `nephos ${tag}`, timezone: "UTC" },
    });
    const query = new URLSearchParams({ requestId });
    const first = await this.#send(deadline, (isRetry) => {
      if (isRetry || mayBeKnown) query.set("retry", "true");
      return { method: "POST", path: `/api/v2/statements?${query}`, body };
    });
    return await this.#whole(await this.#done(first, deadline), deadline);
  }

  /** Asks another REST interface; any status but 429 and 5xx is an answer. */
  async rest(method: "GET" | "POST", path: string, { deadline, body }: RestAsked): Promise<Answer> {
    return await this.#send(deadline, () => ({ method, path, ...(body && { body: JSON.stringify(body) }) }));
  }

  /**
   * Whether what failed with this problem may have been done all the same: it was not done in time, or was broken off by an account that does
   * answer. What Snowflake refused, what did not reach it, and what nobody could sign in for was not.
   */
  async mayHaveDone(problem: SnowflakeProblem, deadline: EpochMs): Promise<boolean> {
    if (problem.code === "timed_out") return true;
    if (!this.#isUnanswered(problem)) return false;
    const now = this.clock.now();
    if (now >= deadline) return true;
    // So soon that it is tried once only.
    const look = this.#send(now + 1, () => ({ method: "GET", path: "/api/v2/cortex/models" }));
    return await look.then(
      () => true,
      (error: unknown) => !(error instanceof SnowflakeProblem && this.#isUnanswered(error)),
    );
  }

  /** Not by whoever gives the tokens: that names another address. */
  #isUnanswered({ code, message }: SnowflakeProblem): boolean {
    return code === "unavailable" && message === unreachable(this.access).message;
  }

  /** Waits until a statement that was answered with 202 is done. */
  async #done(first: Answer, deadline: EpochMs): Promise<Answer> {
    if (first.status !== 202) return first;
    const { data: pending } = pendingSchema.safeParse(first.json);
    if (!pending) throw notUnderstood(first.status);
    const path = `/api/v2/statements/${encodeURIComponent(pending.statementHandle)}`;
    for (let look = 0; ; look++) {
      const pauseMs = Math.min(LOOK_MAX_MS, FIRST_LOOK_MS * 2 ** look);
      if (this.clock.now() + pauseMs >= deadline) {
        await this.#cancel(path);
        throw timedOut();
      }
      await this.clock.wait(pauseMs);
      const answer = await this.#send(deadline, () => ({ method: "GET", path })).catch(async (error: unknown) => {
        await this.#cancel(path);
        throw error;
      });
      if (answer.status !== 202) return answer;
    }
  }

  /** Nobody waits for it any more. That it could not be cancelled is no news: its own timeout ends it. */
  async #cancel(path: string): Promise<void> {
    const until = this.clock.now() + pauseBefore(1);
    await this.#send(until, () => ({ method: "POST", path: `${path}/cancel` })).catch(() => undefined);
  }

  /** Its rows with those of the further partitions. */
  async #whole(answer: Answer, deadline: EpochMs): Promise<ResultSet> {
    if (answer.status !== 200) throw problemOf(this.access, refusalOf(answer));
    const { data: said } = resultSchema.safeParse(answer.json);
    if (!said) throw notUnderstood(answer.status);
    const result = resultOf(said);
    const path = `/api/v2/statements/${encodeURIComponent(said.statementHandle)}`;
    for (let partition = 1; partition < said.resultSetMetaData.partitionInfo.length; partition++) {
      const part = await this.#send(deadline, () => ({ method: "GET", path: `${path}?partition=${partition}` }));
      if (part.status !== 200) throw problemOf(this.access, refusalOf(part));
      // One by one: a call takes no more than some 100,000 arguments.
      for (const row of partitionRows(part.json, result.columns)) result.rows.push(row);
    }
    return result;
  }

  /** A token that was taken before and is not any more is made anew, once: clocks and keys change. */
  async #send(
    deadline: EpochMs,
    made: (isRetry: boolean) => { method: string; path: string; body?: string },
  ): Promise<Answer> {
    for (let isSecond = false; ; isSecond = true) {
      const answer = await ask(
        async (retry) => {
          const { method, path, body } = made(retry > 0 || isSecond);
          const headers = { ...(await this.signIn.headers()), "content-type": "application/json" };
          return new Request(`${this.#base}${path}`, { method, headers, ...(body !== undefined && { body }) });
        },
        this.access,
        this.clock,
        deadline,
      );
      if (answer.status !== 401 || isSecond || !this.signIn.forget()) return answer;
    }
  }
}
