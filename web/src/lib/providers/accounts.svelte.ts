import type { Endpoints } from "../../../../contract/api.ts";
import type { DiscoveryReport, ProviderAccount } from "../../../../contract/providers.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

export const REFRESH_EVERY_MS: DurationMs = 30_000;

export type NewAccount = Endpoints["POST /api/provider-accounts"]["body"];
type Change = Endpoints["PATCH /api/provider-accounts/:id"]["body"];

/** The accounts at clouds whose instances are discovered. */
export class Accounts {
  /** The last answer; it stays while the server does not answer. */
  list = $state.raw<ProviderAccount[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Accounts that are being listed right now, by id. */
  discovering = $state.raw<ReadonlySet<string>>(new Set());

  async load(): Promise<void> {
    try {
      this.list = (await call("GET /api/provider-accounts")).accounts;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async connect(body: NewAccount): Promise<DiscoveryReport> {
    const report = await call("POST /api/provider-accounts", { body });
    this.#put(report.account);
    return report;
  }

  /** A provider that refuses or does not answer is told by the account, whose problem changes with it. */
  async discover(id: string): Promise<DiscoveryReport> {
    this.discovering = new Set([...this.discovering, id]);
    try {
      const report = await call("POST /api/provider-accounts/:id/discover", { params: { id } });
      this.#put(report.account);
      return report;
    } catch (error) {
      void this.load();
      throw error;
    } finally {
      this.discovering = new Set([...this.discovering].filter((other) => other !== id));
    }
  }

  async change(id: string, body: Change): Promise<void> {
    this.#put(await call("PATCH /api/provider-accounts/:id", { params: { id }, body }));
  }

  async remove(id: string): Promise<void> {
    await call("DELETE /api/provider-accounts/:id", { params: { id } });
    this.list = this.list?.filter((account) => account.id !== id) ?? null;
  }

  #put(account: ProviderAccount): void {
    const others = this.list ?? [];
    const isKnown = others.some(({ id }) => id === account.id);
    this.list = isKnown ? others.map((other) => (other.id === account.id ? account : other)) : [...others, account];
  }
}
