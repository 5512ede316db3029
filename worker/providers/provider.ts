import type { Bandwidth, Cloud, CredentialsOf, ProviderKind, ProviderProblemCode } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Ask } from "./request.ts";

/** A machine as a provider lists it, in our words; what a provider does not tell is null, never a guess. */
export type DiscoveredInstance = Omit<Cloud, "accountId" | "kind" | "goneAt"> & {
  /** Where the list itself tells of it. */
  bandwidth: Omit<Bandwidth, "at"> | null;
};

/** A part of the list, of a few requests. */
export interface Page {
  instances: DiscoveredInstance[];
  /** Where the next part begins; null after the last. Text that only its provider reads. */
  next: string | null;
  /** Regions (`Cloud.region`) that could not be listed, with the reason: what is known of them stays as it is. */
  unlisted: { region: string; message: string }[];
}

/** What a provider is given to work with. */
export interface Session<Kind extends ProviderKind> {
  credentials: CredentialsOf<Kind>;
  /** The API's address, where it is not the provider's own. */
  endpoint: string | null;
  ask: Ask;
  now: EpochMs;
  /** Survives from page to page and for some time: names of regions, prices, tokens. */
  memo: Map<string, unknown>;
}

/** A cloud. Throws a {@link ProviderProblem} where it cannot answer, and nothing else for whatever the other side does. */
export interface Provider<Kind extends ProviderKind> {
  kind: Kind;
  /** Requests that one page takes at most: the sentinel has so many in one event. */
  requestsPerPage: number;
  /** The next part of the list; null is its beginning. */
  page(session: Session<Kind>, from: string | null): Promise<Page>;
  /** Traffic of one machine in the present month, where it has to be asked for each: one request. */
  bandwidth?(session: Session<Kind>, id: string): Promise<Omit<Bandwidth, "at">>;
}

/** Why a provider did not answer as hoped; both sentences are fit to be shown, and hold nothing that it said or was sent. */
export class ProviderProblem extends Error {
  readonly code: ProviderProblemCode;
  readonly remedy: string;

  constructor(code: ProviderProblemCode, message: string, remedy: string) {
    super(message);
    this.name = "ProviderProblem";
    this.code = code;
    this.remedy = remedy;
  }
}
