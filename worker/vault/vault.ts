import { keyringOf, type Keyring } from "./keyring.ts";

/**
 * Secrets at rest: AES-256-GCM by WebCrypto. A sealed text is `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two in
 * base64url. What it is for is sealed in with it (as additional data), so that a text moved to another place does not open there.
 */
const VERSION = "v1";
const NONCE_BYTES = 12;

export class Vault {
  readonly #keyring: Keyring;
  #imported = new Map<string, Promise<CryptoKey>>();

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  get currentKeyId(): string {
    return this.#keyring.currentId;
  }

  /** Keys that still open what they sealed, and seal nothing any more. */
  get olderKeyIds(): string[] {
    return [...this.#keyring.keys.keys()].filter((id) => id !== this.currentKeyId);
  }

  async seal(secret: string, purpose: string): Promise<string> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const key = await this.#key(this.currentKeyId);
    const sealed = await crypto.subtle.encrypt(algorithm(nonce, purpose), key, new TextEncoder().encode(secret));
    return [VERSION, this.currentKeyId, text(nonce), text(new Uint8Array(sealed))].join(".");
  }

  /** The secret again. Throws where the key is gone, or the text was changed or belongs elsewhere. */
  async open(sealed: string, purpose: string): Promise<string> {
    const [version, keyId = "", nonce = "", rest = ""] = sealed.split(".");
    if (version !== VERSION) throw new Error("A stored secret is not one that this version has sealed.");
    if (!this.#keyring.keys.has(keyId)) {
      throw new Error(`A stored secret is sealed with the key ${keyId}, which is not here any more.`);
    }
    const key = await this.#key(keyId);
    try {
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm(bytes(nonce), purpose), key, bytes(rest)));
    } catch {
      throw new Error("A stored secret does not open: it was changed, or belongs elsewhere.");
    }
  }

  #key(id: string): Promise<CryptoKey> {
    let key = this.#imported.get(id);
    if (!key) {
      key = crypto.subtle.importKey("raw", this.#keyring.keys.get(id)!, "AES-GCM", false, ["encrypt", "decrypt"]);
      this.#imported.set(id, key);
    }
    return key;
  }
}

export function keyIdOf(sealed: string): string {
  return sealed.split(".")[1] ?? "";
}

/** How every text begins that is sealed with this key. */
export function sealedWith(keyId: string): string {
  return `${VERSION}.${keyId}.`;
}

const vaults = new WeakMap<object, Vault>();

/** The vault of this Worker; made once per isolate, whose variables are one object for all its requests. */
export function vaultOf(env: object): Vault {
  let vault = vaults.get(env);
  if (!vault) {
    vault = new Vault(keyringOf(env));
    vaults.set(env, vault);
  }
  return vault;
}

function algorithm(nonce: Uint8Array<ArrayBuffer>, purpose: string) {
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(purpose) };
}

const text = (value: Uint8Array) => Buffer.from(value).toString("base64url");
const bytes = (value: string) => Uint8Array.from(Buffer.from(value, "base64url"));
