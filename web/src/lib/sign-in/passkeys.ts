import type { RegistrationResponseJSON } from "@simplewebauthn/browser";
import { call } from "../api.ts";
import { passkeyProblemInWords } from "./passkey-problem.ts";

/** The ceremonies of passkeys. Their library is loaded when one begins. */

type Options<Ceremony extends (given: never) => unknown> = Parameters<Ceremony>[0] extends { optionsJSON: infer Json }
  ? Json
  : never;

export function hasPasskeys(): boolean {
  return "PublicKeyCredential" in globalThis;
}

export async function signInByPasskey(): Promise<void> {
  const [{ startAuthentication }, { options }] = await Promise.all([
    import("@simplewebauthn/browser"),
    call("POST /api/sign-in/passkey/options"),
  ]);
  const optionsJSON = options as unknown as Options<typeof startAuthentication>;
  const response = await inWords(startAuthentication({ optionsJSON }));
  await call("POST /api/sign-in/passkey", { body: { response: { ...response } } });
}

/** Makes a passkey on this device; the server is yet to be told of it, under a name. */
export async function makePasskey(): Promise<RegistrationResponseJSON> {
  const [{ startRegistration }, { options }] = await Promise.all([
    import("@simplewebauthn/browser"),
    call("POST /api/account/passkeys/options"),
  ]);
  const optionsJSON = options as unknown as Options<typeof startRegistration>;
  return inWords(startRegistration({ optionsJSON }));
}

async function inWords<Result>(ceremony: Promise<Result>): Promise<Result> {
  try {
    return await ceremony;
  } catch (error) {
    throw new Error(passkeyProblemInWords(error), { cause: error });
  }
}
