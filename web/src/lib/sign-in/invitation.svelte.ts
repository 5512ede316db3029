import type { InvitationOffer, SignInOffers } from "../../../../contract/people.ts";
import { ApiError, call } from "../api.ts";
import { tokenOf } from "../shell/sign-in-link.ts";
import type { SignInRefusal } from "./sign-in.svelte.ts";

/** An invitation that came with the address: what it is for, and taking it up. */
export class Invitation {
  offer = $state.raw<InvitationOffer | null>(null);
  refusal = $state.raw<SignInRefusal | null>(null);
  providers = $state.raw<SignInOffers["identityProviders"]>([]);
  #token = "";

  async open(hash: string): Promise<void> {
    const token = tokenOf(hash);
    if (token) {
      this.#token = token;
      return this.load();
    }
    this.refusal = {
      message: token === null ? "There is no invitation in this address." : "This link is not complete.",
      remedy: "Open the whole link you were given, with everything after the #.",
      canRetry: false,
    };
  }

  async load(): Promise<void> {
    this.refusal = null;
    try {
      this.offer = await call("POST /api/invitation", { body: { token: this.#token } });
      this.providers = (await call("GET /api/sign-in")).identityProviders;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Without the list of providers one joins by name all the same.
      if (this.offer) return;
      this.refusal = { message: error.message, remedy: error.remedy, canRetry: error.status === 0 };
    }
  }

  async accept(name: string, email: string): Promise<void> {
    const body = { token: this.#token, name, ...(email === "" ? {} : { email }) };
    await call("POST /api/invitation/accept", { body });
  }

  /** Where to send the browser, to join with an account elsewhere. */
  async acceptAt(id: string, next: string): Promise<string> {
    return (await call("POST /api/sign-in/identity-provider", { body: { id, next, invitation: this.#token } })).url;
  }
}
