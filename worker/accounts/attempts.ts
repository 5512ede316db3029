import type { DurationMs, EpochMs } from "../../contract/units.ts";
import {
  PASSWORD_CHECKS_PER_MINUTE_MAX,
  WRONG_PER_ACCOUNT_MAX,
  WRONG_PER_SENDER_MAX,
  WRONG_WINDOW_MS,
} from "../settings.ts";

/** Who tries. */
export interface Attempt {
  /** What is tried to be opened: a password's account, as claimed, or the codes of a person. */
  account: string;
  sender: string;
  /** Set where the browser has signed in as the owner of this account before. */
  browser: string | null;
}

/** Where counts are kept: they outlive the memory of the object, or whoever waits ten seconds could begin anew. */
export interface Counts {
  get(key: string): { count: number; beganAt: EpochMs } | undefined;
  set(key: string, count: number, beganAt: EpochMs): void;
}

/**
 * Decides who may try. A stranger is counted against the account, against their sender and, all strangers together, against the
 * minute. A browser that is known as the account owner's is counted for itself alone: however many strangers get it wrong, its
 * owner gets in.
 */
export class Attempts {
  readonly #counts: Counts;

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  /** How long this attempt must wait; 0, and counted, where it may go on. */
  admit(attempt: Attempt, now: EpochMs): DurationMs {
    const limits = limitsOf(attempt);
    const waitMs = Math.max(...limits.map(({ key, max, windowMs }) => this.#waitOf(key, max, windowMs, now)));
    if (waitMs > 0) return waitMs;
    for (const { key, windowMs } of limits) {
      const window = this.#windowOf(key, windowMs, now);
      this.#counts.set(key, window.count + 1, window.beganAt);
    }
    return 0;
  }

  /** It was right: it no longer counts as wrong. What it cost stays counted. */
  succeeded(attempt: Attempt, now: EpochMs): void {
    for (const { key, windowMs, isCost } of limitsOf(attempt)) {
      if (isCost) continue;
      const window = this.#windowOf(key, windowMs, now);
      this.#counts.set(key, Math.max(0, window.count - 1), window.beganAt);
    }
  }

  #waitOf(key: string, max: number, windowMs: DurationMs, now: EpochMs): DurationMs {
    const window = this.#windowOf(key, windowMs, now);
    return window.count < max ? 0 : window.beganAt + windowMs - now;
  }

  #windowOf(key: string, windowMs: DurationMs, now: EpochMs) {
    const window = this.#counts.get(key);
    const isCurrent = window && now >= window.beganAt && now < window.beganAt + windowMs;
    return isCurrent ? window : { count: 0, beganAt: now };
  }
}

function limitsOf({ account, sender, browser }: Attempt) {
  const window = { windowMs: WRONG_WINDOW_MS, isCost: false };
  if (browser !== null) {
    return [{ key: `browser ${browser} ${account}`, max: WRONG_PER_ACCOUNT_MAX, ...window }];
  }
  return [
    { key: `account ${account}`, max: WRONG_PER_ACCOUNT_MAX, ...window },
    { key: `sender ${sender}`, max: WRONG_PER_SENDER_MAX, ...window },
    { key: "strangers", max: PASSWORD_CHECKS_PER_MINUTE_MAX, windowMs: 60_000, isCost: true },
  ];
}
