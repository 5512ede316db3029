import type { ProviderKind } from "../../contract/providers.ts";
import type { ProviderProblem, Session } from "./provider.ts";
import type { Answer } from "./request.ts";

/** What is asked for, and as whom. */
export interface Wanted {
  /** The provider's own address, where the account names no other. */
  address: string;
  path: string;
  token: string;
  /** What to say where the token is none. */
  refusal: () => ProviderProblem;
  isTooOften?: (answer: Answer) => boolean;
}

/** What a header can hold; with anything else no request can even be made. */
const SENDABLE = /^[!-~]+$/;

/** One GET of an API that is told a token; any status is an answer. */
export async function getWithToken(
  { endpoint, ask }: Pick<Session<ProviderKind>, "endpoint" | "ask">,
  { address, path, token, refusal, isTooOften }: Wanted,
): Promise<Answer> {
  if (!SENDABLE.test(token)) throw refusal();
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  return ask(() => new Request(`${(endpoint ?? address).replace(/\/+$/, "")}${path}`, { headers }), isTooOften);
}
