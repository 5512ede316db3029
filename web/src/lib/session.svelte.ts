import type { Session } from "../../../contract/people.ts";
import { isAtLeast, type Role } from "../../../contract/roles.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import { ApiError, call } from "./api.ts";

/** A session ends when it is not used; a dashboard on a wall makes no call of its own for weeks. */
export const CHECK_EVERY_MS: DurationMs = 6 * 3_600_000;

/** Who is looking. Null until the server has said so. */
export class SessionState {
  current = $state.raw<Session | null>(null);
  #asking: Promise<void> | null = null;
  #onEnded: (isSignedOut: boolean) => void;

  constructor(onEnded: (isSignedOut: boolean) => void) {
    this.#onEnded = onEnded;
  }

  get role(): Role | null {
    return this.current?.person.role ?? null;
  }

  /** Whether this person may what takes this role. What they may not is not shown. */
  isAtLeast(wanted: Role): boolean {
    return this.role !== null && isAtLeast(this.role, wanted);
  }

  /** Whether the ways to sign in can be changed without confirming who it is. Unknown counts as yes: the server decides. */
  isFresh(now: EpochMs): boolean {
    return this.current === null || now < this.current.freshUntil;
  }

  /** Asks now and then again and again; the returned function stops that. */
  start(): () => void {
    void this.check();
    const timer = setInterval(() => void this.check(), CHECK_EVERY_MS);
    return () => clearInterval(timer);
  }

  /**
   * Asks the server; an ended session leads to the sign-in page, a lost network to nothing at all. One question at a time:
   * the answer may bring a new cookie.
   */
  check(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      this.current = await call("GET /api/session");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.left();
    }
  }

  async end(): Promise<void> {
    await call("DELETE /api/session");
    this.left(true);
  }

  /** The session is over: by the reader's own wish, or not. */
  left(isSignedOut = false): void {
    this.current = null;
    this.#onEnded(isSignedOut);
  }
}
