/**
 * The keys secrets are sealed with: the Worker's secrets `ENCRYPTION_KEY_1`, `ENCRYPTION_KEY_2` and so on, each 32 bytes in
 * base64url. The highest number is in use; the others are kept until nothing is sealed with them any more. One secret for each
 * key, because a secret can be added and removed but never read back. `npm run secrets:rotate` does both.
 */
export interface Keyring {
  currentId: string;
  keys: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

const NAME = /^ENCRYPTION_KEY_([1-9]\d{0,3})$/;
const KEY = /^[A-Za-z0-9_-]{43}$/;

export function keyName(number: number): string {
  return `ENCRYPTION_KEY_${number}`;
}

/** The number of the key that a variable of this name holds; undefined where it holds none. */
export function keyNumber(name: string): number | undefined {
  const number = NAME.exec(name)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** What a key is called in a sealed text. */
export function keyId(number: number): string {
  return `k${number}`;
}

/** The keys among the variables. Throws where there is none or one is not what it should be; the message holds nothing of it. */
export function keyringOf(variables: object): Keyring {
  const texts = Object.entries(variables)
    .map(([name, text]) => ({ name, number: keyNumber(name) ?? 0, text: text as unknown }))
    .filter(({ number }) => number > 0)
    .sort((a, b) => b.number - a.number);
  const keys = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { name, number, text } of texts) {
    if (typeof text !== "string" || !KEY.test(text)) {
      throw new Error(`${name} must hold 32 bytes in base64url. See docs/operations.md.`);
    }
    keys.set(keyId(number), Uint8Array.from(Buffer.from(text, "base64url")));
  }
  const [current] = texts;
  if (!current) throw new Error("There is no ENCRYPTION_KEY_1: `npm run deploy` makes one. See docs/operations.md.");
  return { currentId: keyId(current.number), keys };
}
