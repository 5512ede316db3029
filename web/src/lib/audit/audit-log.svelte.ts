import { AUDIT_PAGE_ENTRIES_MAX } from "../../../../contract/limits.ts";
import type { AuditEntry } from "../../../../contract/audit.ts";
import type { PersonEntry } from "../../../../contract/people.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";
import { type AuditFilter, queryOf } from "./filter.ts";

/** As the server gives them (`contract/audit.ts`): a page that is not full is the last. */

/** The audit log, newest first, as far as it has been read. */
export class AuditLog {
  entries = $state.raw<AuditEntry[] | null>(null);
  people = $state.raw<PersonEntry[]>([]);
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(false);
  hasMore = $state(false);
  #filter: AuditFilter = { action: "", actor: "", text: "" };
  #asking: AbortController | null = null;

  /** Begins anew, with this filter. What is shown stays until the answer is here. */
  show(filter: AuditFilter): Promise<void> {
    this.#filter = filter;
    return this.#load(undefined);
  }

  more(): Promise<void> {
    return this.#load(this.entries?.at(-1)?.id);
  }

  again(): Promise<void> {
    return this.#load(undefined);
  }

  /** To choose from; without it one still searches by text. */
  async loadPeople(): Promise<void> {
    this.people = (await call("GET /api/people").catch(() => ({ people: [] }))).people;
  }

  async #load(below: number | undefined): Promise<void> {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.isLoading = true;
    try {
      const { entries } = await call("GET /api/audit", { query: queryOf(this.#filter, below), signal: asking.signal });
      this.entries = below === undefined ? entries : [...(this.entries ?? []), ...entries];
      this.hasMore = entries.length === AUDIT_PAGE_ENTRIES_MAX;
      this.problem = null;
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    } finally {
      if (this.#asking === asking) this.isLoading = false;
    }
  }
}
