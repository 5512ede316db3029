import type { Endpoints } from "../../../../contract/api.ts";
import type { SignInWays } from "../../../../contract/people.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

export type ProviderBody = Endpoints["PUT /api/sign-in-ways/identity-providers/:id"]["body"];
export type AccessBody = Endpoints["PUT /api/sign-in-ways/access"]["body"];
export type JoinRole = NonNullable<ProviderBody["joinRole"]>;

/** The doors of the house, which its owners keep. */
export class WaysInPage {
  ways = $state.raw<SignInWays | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.ways = await call("GET /api/sign-in-ways");
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async saveIdentityProvider(id: string, body: ProviderBody): Promise<void> {
    await call("PUT /api/sign-in-ways/identity-providers/:id", { params: { id }, body });
    await this.load();
  }

  async removeProvider(id: string): Promise<void> {
    await call("DELETE /api/sign-in-ways/identity-providers/:id", { params: { id } });
    await this.load();
  }

  async saveAccess(body: AccessBody): Promise<void> {
    await call("PUT /api/sign-in-ways/access", { body });
    await this.load();
  }

  async removeAccess(): Promise<void> {
    await call("DELETE /api/sign-in-ways/access");
    await this.load();
  }
}
