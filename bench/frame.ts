/** WebSocket frames, as far as the benches need them. */

export const TEXT = 1;
export const CLOSE = 8;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const LAST = 0x80;
const MASKED = 0x80;

/** The first whole frame; a server's frames are not masked, and workerd does not split its messages. */
export function frameIn(bytes: Buffer): { opcode: number; text: string; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  let length = bytes[1]!;
  let start = 2;
  if (length === LENGTH_16 && bytes.length >= 4) {
    length = bytes.readUInt16BE(2);
    start = 4;
  } else if (length === LENGTH_64 && bytes.length >= 10) {
    length = Number(bytes.readBigUInt64BE(2));
    start = 10;
  } else if (length >= LENGTH_16) return undefined;
  const end = start + length;
  if (bytes.length < end) return undefined;
  return { opcode: bytes[0]! & 15, text: bytes.toString("utf8", start, end), end };
}

/** A client's frames are masked; with a mask of zeros the text stays as it is, and nobody walks over it here. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const long = length < LENGTH_16 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(2 + long + 4 + length);
  frame[0] = LAST | TEXT;
  frame[1] = MASKED | (long === 0 ? length : long === 2 ? LENGTH_16 : LENGTH_64);
  if (long === 2) frame.writeUInt16BE(length, 2);
  if (long === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.write(text, 2 + long + 4);
  return frame;
}
