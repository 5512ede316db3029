import type { SignInOffers } from "../../../../contract/people.ts";
import { ApiError, call } from "../api.ts";
import { tokenOf } from "../shell/sign-in-link.ts";
import { problemInWords } from "./problem-in-words.ts";

export interface SignInRefusal {
  message: string;
  remedy: string | undefined;
  canRetry: boolean;
}

/** The sign-in page: a printed link that came with the address, or the ways there are. */
export class SignIn {
  stage = $state.raw<"asking" | "ways" | "code">("asking");
  offers = $state.raw<SignInOffers | null>(null);
  refusal = $state.raw<SignInRefusal | null>(null);
  isTakingLink = $state(false);
  #token: string | null | undefined = null;
  #enter: () => Promise<void>;

  constructor(enter: () => Promise<void>) {
    this.#enter = enter;
  }

  /** `isTrying`: whether Cloudflare Access is tried unasked, which it is not for somebody who just signed out. */
  async begin(hash: string, problem: string | null, isTrying: boolean): Promise<void> {
    this.#token = tokenOf(hash);
    this.isTakingLink = this.#token !== null;
    const words = problemInWords(problem);
    this.refusal = words === undefined ? null : { message: words, remedy: undefined, canRetry: false };
    if (this.#token !== null) return this.takeLink();
    await this.load();
    if (this.offers?.access && isTrying) await this.#tryAccess();
    this.stage = "ways";
  }

  async load(): Promise<void> {
    try {
      this.offers = await call("GET /api/sign-in");
      if (this.refusal?.canRetry) this.refusal = null;
    } catch (error) {
      this.#refused(error);
    }
  }

  async takeLink(): Promise<void> {
    if (this.#token === undefined) {
      this.refusal = {
        message: "This link is not complete.",
        remedy: "Open the whole link that was printed, with everything after the #.",
        canRetry: false,
      };
    } else if (this.#token !== null) {
      this.stage = "asking";
      try {
        await call("POST /api/sign-in/link", { body: { token: this.#token } });
        return await this.#enter();
      } catch (error) {
        this.#refused(error);
      }
    }
    if (this.offers === null && !this.refusal?.canRetry) await this.load();
    this.stage = "ways";
  }

  retry(): Promise<void> {
    this.refusal = null;
    return this.#token ? this.takeLink() : this.load();
  }

  async #tryAccess(): Promise<void> {
    try {
      await call("POST /api/sign-in/access");
      await this.#enter();
    } catch {
      // It was not asked for; the button says why when it is.
    }
  }

  #refused(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.refusal = { message: error.message, remedy: error.remedy, canRetry: error.status === 0 };
  }
}
