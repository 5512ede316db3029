import type { Endpoints } from "../../../../contract/api.ts";
import type { Enrolment, NewEnrolment } from "../../../../contract/agents.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

type Wanted = Endpoints["POST /api/enrolments"]["body"];

/** The tokens agents exchange for their own, and the one that was just made. */
export class Enrolments {
  list = $state.raw<Enrolment[] | null>(null);
  made = $state.raw<NewEnrolment | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.list = (await call("GET /api/enrolments")).enrolments;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async make(body: Wanted): Promise<void> {
    this.made = await call("POST /api/enrolments", { body });
    await this.load();
  }

  async revoke(id: string): Promise<void> {
    await call("DELETE /api/enrolments/:id", { params: { id } });
    if (this.made?.id === id) this.made = null;
    await this.load();
  }

  /** Tokens that can still be used; the others are listed until they expire, for who waits for their agents. */
  get open(): Enrolment[] {
    return this.list?.filter(({ usesLeft }) => usesLeft > 0) ?? [];
  }

  /** Instances the new token has enrolled so far. */
  get arrived(): string[] {
    return this.list?.find(({ id }) => id === this.made?.id)?.enrolled ?? [];
  }
}
