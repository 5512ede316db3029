import { DurableObject } from "cloudflare:workers";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { PASSWORD_CHECKS_PER_MINUTE_MAX, PASSWORD_QUEUE_MAX, PASSWORD_QUEUE_STRANGERS_MAX } from "../settings.ts";
import { Attempts, type Attempt } from "./attempts.ts";
import * as passkeys from "./passkeys.ts";
import { hashPassword, isPassword, NOBODYS_HASH } from "./password-hash.ts";

export type Verdict = { kind: "right" } | { kind: "wrong" } | { kind: "too_many"; waitMs: DurationMs };

export interface SignInLoad {
  passwordChecksToday: number;
  passwordChecksPerDayMax: number;
  refusedToday: number;
  waiting: number;
}

/** Two seconds of work are waiting: come again when they are done. */
const FULL_WAIT_MS: DurationMs = 2_000;
const DAY_MS: DurationMs = 86_400_000;

/**
 * Where passwords are checked and wrong ones counted: one object for all, so that the counts are true, with a queue that has an
 * end, so that an attack costs what the settings say and no more. It has 30 s of CPU where the Worker has 10 ms, so what else
 * is heavy about signing in is done here too.
 */
export class SignInDesk extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #attempts: Attempts;
  #waiting = 0;
  #strangersWaiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#sql
      .exec(`CREATE TABLE IF NOT EXISTS attempts (key TEXT PRIMARY KEY, count INTEGER NOT NULL, began_at INTEGER NOT NULL)
      WITHOUT ROWID`);
    this.#attempts = new Attempts({
      get: (key) => {
        const [row] = this.#sql.exec("SELECT count, began_at FROM attempts WHERE key = ?", key);
        return row && { count: Number(row["count"]), beganAt: Number(row["began_at"]) };
      },
      set: (key, count, beganAt) => {
        this.#sql.exec(
          `INSERT INTO attempts (key, count, began_at) VALUES (?1, ?2, ?3)
           ON CONFLICT (key) DO UPDATE SET count = ?2, began_at = ?3`,
          key,
          count,
          beganAt,
        );
      },
    });
  }

  /** Checks a password against the account's hash, or, where there is no account, against nobody's: it takes as long. */
  async check(password: string, hash: string | null, attempt: Attempt): Promise<Verdict> {
    const isStranger = attempt.browser === null;
    const isFull =
      this.#waiting >= PASSWORD_QUEUE_MAX || (isStranger && this.#strangersWaiting >= PASSWORD_QUEUE_STRANGERS_MAX);
    if (isFull) return this.#refused(FULL_WAIT_MS);
    const now = Date.now();
    const waitMs = this.#attempts.admit(attempt, now);
    if (waitMs > 0) return this.#refused(waitMs);
    this.#countToday("checks", now);
    const isRight = await this.#inTurn(isStranger, () => isPassword(password, hash ?? NOBODYS_HASH));
    if (!isRight || hash === null) return { kind: "wrong" };
    this.#attempts.succeeded(attempt, now);
    return { kind: "right" };
  }

  /** The hash of a new password. Its person is signed in, and so never a stranger in the queue. */
  async hash(password: string): Promise<{ hash: string } | { waitMs: DurationMs }> {
    if (this.#waiting >= PASSWORD_QUEUE_MAX) return { waitMs: FULL_WAIT_MS };
    this.#countToday("checks", Date.now());
    return { hash: await this.#inTurn(false, () => hashPassword(password)) };
  }

  /** What a passkey is to sign, and whether it did: see `passkeys.ts`. */
  registrationOptions(...asked: Parameters<typeof passkeys.registrationOptions>) {
    return passkeys.registrationOptions(...asked);
  }

  verifiedRegistration(...answer: Parameters<typeof passkeys.verifiedRegistration>) {
    return passkeys.verifiedRegistration(...answer);
  }

  authenticationOptions(origin: string) {
    return passkeys.authenticationOptions(origin);
  }

  verifiedAuthentication(...answer: Parameters<typeof passkeys.verifiedAuthentication>) {
    return passkeys.verifiedAuthentication(...answer);
  }

  /** Counts an attempt at something that is cheap to check, as a code is; 0 where it may go on. */
  admit(attempt: Attempt): DurationMs {
    const now = Date.now();
    const waitMs = this.#attempts.admit(attempt, now);
    if (waitMs > 0) this.#countToday("refused", now);
    return waitMs;
  }

  succeeded(attempt: Attempt): void {
    this.#attempts.succeeded(attempt, Date.now());
  }

  load(): SignInLoad {
    const today = this.#today(Date.now());
    return {
      passwordChecksToday: this.#countOf(`checks ${today}`),
      passwordChecksPerDayMax: PASSWORD_CHECKS_PER_MINUTE_MAX * 24 * 60,
      refusedToday: this.#countOf(`refused ${today}`),
      waiting: this.#waiting,
    };
  }

  /** Forgets counts that no window holds any more. Called by the tick. */
  sweep(): void {
    this.#sql.exec("DELETE FROM attempts WHERE began_at < ?", Date.now() - 2 * DAY_MS);
  }

  async #inTurn<Result>(isStranger: boolean, work: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    if (isStranger) this.#strangersWaiting++;
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting--;
      if (isStranger) this.#strangersWaiting--;
    }
  }

  #refused(waitMs: DurationMs): Verdict {
    this.#countToday("refused", Date.now());
    return { kind: "too_many", waitMs };
  }

  #refusedUnwritten = 0;

  /** Refusals are written down ten at a time: under attack they would be the dearest thing here. */
  #countToday(what: "checks" | "refused", now: EpochMs): void {
    let add = 1;
    if (what === "refused") {
      if (++this.#refusedUnwritten < 10) return;
      add = this.#refusedUnwritten;
      this.#refusedUnwritten = 0;
    }
    this.#sql.exec(
      `INSERT INTO attempts (key, count, began_at) VALUES (?1, ?2, ?3)
       ON CONFLICT (key) DO UPDATE SET count = count + ?2`,
      `${what} ${this.#today(now)}`,
      add,
      now,
    );
  }

  #countOf(key: string): number {
    const [row] = this.#sql.exec("SELECT count FROM attempts WHERE key = ?", key);
    return Number(row?.["count"] ?? 0) + (key.startsWith("refused") ? this.#refusedUnwritten : 0);
  }

  #today(now: EpochMs): string {
    return new Date(now).toISOString().slice(0, 10);
  }
}
