/**
 * An authenticator of a few lines (WebAuthn level 3, sections 6.1 and 6.5): one ES256 key, attestation "none". It can be told to
 * lie, which a real one cannot.
 */
export interface Lies {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  isUserVerified?: boolean;
  counter?: number;
  isSignatureBroken?: boolean;
}

const b64 = (bytes: Uint8Array | ArrayBuffer) => Buffer.from(bytes as Uint8Array).toString("base64url");
const utf8 = (text: string) => Uint8Array.from(Buffer.from(text));
const sha256 = async (bytes: Uint8Array<ArrayBufferLike>) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)));
const joined = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));

export class Authenticator {
  readonly id = crypto.getRandomValues(new Uint8Array(16));
  readonly #origin: string;
  #keys: CryptoKeyPair | undefined;
  #counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async register({ challenge }: { challenge: string }, lies: Lies = {}) {
    this.#keys ??= (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ])) as CryptoKeyPair;
    const { x, y } = (await crypto.subtle.exportKey("jwk", this.#keys.publicKey)) as JsonWebKey;
    // COSE_Key (RFC 9053): kty EC2, alg ES256, crv P-256, x, y.
    const cose = joined(
      Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20),
      Buffer.from(x!, "base64url"),
      Uint8Array.of(0x22, 0x58, 0x20),
      Buffer.from(y!, "base64url"),
    );
    const attested = joined(new Uint8Array(16), Uint8Array.of(0, this.id.length), this.id, cose);
    const authData = joined(await this.#authData(0x40, lies), attested);
    // CBOR: { fmt: "none", attStmt: {}, authData }
    const attestationObject = joined(
      Uint8Array.of(0xa3, 0x63),
      utf8("fmt"),
      Uint8Array.of(0x64),
      utf8("none"),
      Uint8Array.of(0x67),
      utf8("attStmt"),
      Uint8Array.of(0xa0, 0x68),
      utf8("authData"),
      Uint8Array.of(0x59, authData.length >> 8, authData.length & 255),
      authData,
    );
    const clientData = this.#clientData("webauthn.create", challenge, lies);
    return this.#response({ clientDataJSON: b64(clientData), attestationObject: b64(attestationObject) });
  }

  async sign({ challenge }: { challenge: string }, lies: Lies = {}) {
    this.#counter++;
    const authData = await this.#authData(0, lies);
    const clientData = this.#clientData("webauthn.get", challenge, lies);
    const signed = joined(authData, await sha256(clientData));
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const raw = new Uint8Array(await crypto.subtle.sign(algorithm, this.#keys!.privateKey, signed));
    const signature = derOf(raw);
    if (lies.isSignatureBroken) signature[signature.length - 1]! ^= 1;
    return this.#response({
      clientDataJSON: b64(clientData),
      authenticatorData: b64(authData),
      signature: b64(signature),
    });
  }

  #response(response: Record<string, string>) {
    const id = b64(this.id);
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }

  async #authData(flags: number, { rpId, isUserVerified = true, counter = this.#counter }: Lies) {
    const hash = await sha256(utf8(rpId ?? new URL(this.#origin).hostname));
    const present = 0x01 | (isUserVerified ? 0x04 : 0);
    const count = new Uint8Array(new Uint32Array([counter]).buffer).reverse();
    return joined(hash, Uint8Array.of(flags | present), count);
  }

  #clientData(type: string, challenge: string, lies: Lies) {
    const told = {
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? this.#origin,
    };
    return utf8(JSON.stringify(told));
  }
}

/** WebCrypto signs as r and s side by side; WebAuthn wants them in DER. */
function derOf(raw: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array) => {
    const first = bytes.findIndex((byte) => byte !== 0);
    const trimmed = bytes.subarray(first);
    const body = trimmed[0]! & 0x80 ? joined(Uint8Array.of(0), trimmed) : trimmed;
    return joined(Uint8Array.of(0x02, body.length), body);
  };
  const body = joined(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
  return joined(Uint8Array.of(0x30, body.length), body);
}
