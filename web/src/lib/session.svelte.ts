import type { Session } from "../../../contract/instance.ts";
import { ApiError, call } from "./api.ts";

/** Who is looking. Null until the server has said so. */
export class SessionState {
  current = $state.raw<Session | null>(null);
  #onEnded: () => void;

  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  /** Asks the server; an ended session leads to the sign-in page, a lost network to nothing at all. */
  async check(): Promise<void> {
    try {
      this.current = await call("GET /api/session");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.#onEnded();
    }
  }

  async end(): Promise<void> {
    await call("DELETE /api/session");
    this.current = null;
    this.#onEnded();
  }
}
