/**
 * Bytes on their way to and from the database: bound as they are they would become an array of numbers in JSON, at almost four
 * characters a byte. The runtime does it natively; where an older one runs this (Node 24), by hand.
 */
type Hexed = Uint8Array & { toHex?: () => string };
type Hexing = typeof Uint8Array & { fromHex?: (text: string) => Uint8Array };

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes: Uint8Array): string {
  const native = (bytes as Hexed).toHex;
  if (native) return native.call(bytes);
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}

/** The text must be what `hex()` or `toHex` made. */
export function fromHex(text: string): Uint8Array {
  const native = (Uint8Array as Hexing).fromHex;
  if (native) return native.call(Uint8Array, text);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
