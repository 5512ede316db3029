import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { Person } from "../../contract/people.ts";
import type { PasskeyRow } from "./table.ts";

/**
 * Passkeys (WebAuthn level 3), checked by SimpleWebAuthn. The relying party is the host the page is on, so a key made for one
 * address is worth nothing at another. The authenticator must have asked its owner (finger, face, PIN): a passkey is two factors.
 * Called in the sign-in desk alone: reading the library takes more CPU than a request of the Worker has on the Free plan.
 */
export interface PasskeyRequest {
  challenge: string;
  /** JSON, for the browser. */
  options: string;
}

const load = () => import("@simplewebauthn/server");

export async function registrationOptions(
  origin: string,
  person: Person,
  existing: { id: string; transports: string[] }[],
): Promise<PasskeyRequest> {
  const { generateRegistrationOptions } = await load();
  const options = await generateRegistrationOptions({
    rpName: "Nephos",
    rpID: new URL(origin).hostname,
    userName: person.email ?? person.name,
    userDisplayName: person.name,
    userID: Uint8Array.from(Buffer.from(person.id)),
    attestationType: "none",
    excludeCredentials: existing.map(({ id, transports }) => ({
      id,
      transports: transports as AuthenticatorTransport[],
    })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  return asked(options);
}

/** The key that was made; undefined where the answer is not what it must be. */
export async function verifiedRegistration(
  origin: string,
  challenge: string,
  response: Record<string, unknown>,
): Promise<Pick<PasskeyRow, "credentialId" | "publicKey" | "counter" | "transports"> | undefined> {
  const { verifyRegistrationResponse } = await load();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: new URL(origin).hostname,
      requireUserVerification: true,
    });
    if (!verified || !registrationInfo) return undefined;
    const { id, publicKey, counter, transports } = registrationInfo.credential;
    return {
      credentialId: id,
      publicKey: Buffer.from(publicKey).toString("base64url"),
      counter,
      transports: transports ?? [],
    };
  } catch {
    // The library throws for whatever does not fit: a foreign origin, another challenge, a broken signature.
    return undefined;
  }
}

export async function authenticationOptions(origin: string): Promise<PasskeyRequest> {
  const { generateAuthenticationOptions } = await load();
  // No list of keys: the browser shows those it has, and we tell nobody which accounts have any.
  return asked(await generateAuthenticationOptions({ rpID: new URL(origin).hostname, userVerification: "required" }));
}

/** As text, since it goes through to the browser as it is. */
function asked(options: { challenge: string }): PasskeyRequest {
  return { challenge: options.challenge, options: JSON.stringify(options) };
}

/** The key's new counter where the answer was signed by it; undefined where not. */
export async function verifiedAuthentication(
  origin: string,
  challenge: string,
  response: Record<string, unknown>,
  key: PasskeyRow,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await load();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: new URL(origin).hostname,
      requireUserVerification: true,
      credential: {
        id: key.credentialId,
        publicKey: Uint8Array.from(Buffer.from(key.publicKey, "base64url")),
        counter: key.counter,
        transports: key.transports as AuthenticatorTransport[],
      },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}
