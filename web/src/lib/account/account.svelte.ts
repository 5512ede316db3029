import type { Account } from "../../../../contract/people.ts";
import type { Role, Scope } from "../../../../contract/roles.ts";
import { ApiError, call } from "../api.ts";
import type { App } from "../app.svelte.ts";
import { type Problem, problemOf } from "../problem.ts";
import { makePasskey } from "../sign-in/passkeys.ts";

/** One's own account: what leads into it, and what it has open. */
export class AccountPage {
  readonly app: App;
  account = $state.raw<Account | null>(null);
  problem = $state.raw<Problem | null>(null);

  constructor(app: App) {
    this.app = app;
  }

  get role(): Role | null {
    return this.app.session.role;
  }

  async load(): Promise<void> {
    try {
      this.account = await call("GET /api/account");
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async rename(name: string): Promise<void> {
    await this.#then(call("PATCH /api/account", { body: { name } }));
    // The rail shows who is looking.
    await this.app.session.check();
  }

  makePasskey = makePasskey;

  async keepPasskey(label: string, response: Awaited<ReturnType<typeof makePasskey>>): Promise<void> {
    await this.#waysChanged(call("POST /api/account/passkeys", { body: { label, response: { ...response } } }));
  }

  async renamePasskey(id: string, label: string): Promise<void> {
    await this.#then(call("PATCH /api/account/passkeys/:id", { params: { id }, body: { label } }));
  }

  async removePasskey(id: string): Promise<void> {
    await this.#waysChanged(call("DELETE /api/account/passkeys/:id", { params: { id } }));
  }

  async setPassword(password: string, email: string): Promise<void> {
    const body = { password, ...(email === "" ? {} : { email }) };
    await this.#waysChanged(call("PUT /api/account/password", { body }));
  }

  async removePassword(): Promise<void> {
    await this.#waysChanged(call("DELETE /api/account/password"));
  }

  beginTwoStep() {
    return call("POST /api/account/totp");
  }

  /** The recovery codes, shown this once. */
  async confirmTwoStep(code: string): Promise<string[]> {
    const { recoveryCodes } = await call("POST /api/account/totp/confirm", { body: { code } });
    await this.load();
    return recoveryCodes;
  }

  async endTwoStep(): Promise<void> {
    await this.#then(call("DELETE /api/account/totp"));
  }

  async newRecoveryCodes(): Promise<string[]> {
    const { recoveryCodes } = await call("POST /api/account/recovery-codes");
    await this.load();
    return recoveryCodes;
  }

  async unlink(id: string): Promise<void> {
    await this.#waysChanged(call("DELETE /api/account/identities/:id", { params: { id } }));
  }

  async endSession(id: string): Promise<void> {
    await this.#then(call("DELETE /api/account/sessions/:id", { params: { id } }));
  }

  async endAllSessions(): Promise<void> {
    await call("DELETE /api/account/sessions");
    this.app.session.left(true);
  }

  /** The secret, shown this once. */
  async makeApiToken(label: string, scopes: Scope[], expiresInDays: number | null): Promise<string> {
    const { secret } = await call("POST /api/account/api-tokens", { body: { label, scopes, expiresInDays } });
    await this.load();
    return secret;
  }

  async revokeApiToken(id: string): Promise<void> {
    await this.#then(call("DELETE /api/account/api-tokens/:id", { params: { id } }));
  }

  async #then(change: Promise<unknown>): Promise<void> {
    await change;
    await this.load();
  }

  /** Whether there is a way back is said by the session. */
  async #waysChanged(change: Promise<unknown>): Promise<void> {
    await this.#then(change);
    await this.app.session.check();
  }
}
