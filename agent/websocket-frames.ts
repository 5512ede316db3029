/** RFC 6455, section 5.2: what travels on a WebSocket once it is open. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const OPCODES: ReadonlySet<number> = new Set(Object.values(OPCODE));

/** Close codes of section 7.4.1. */
export const CLOSE = { normal: 1000, goingAway: 1001, protocolError: 1002, notText: 1003, noStatus: 1005 } as const;
export const CLOSE_LOST = 1006;
export const CLOSE_NOT_UTF8 = 1007;
export const CLOSE_TOO_BIG = 1009;

/** Control frames carry no more. */
const CONTROL_BYTES_MAX = 125;
/** A header is at most 14 bytes; the payload begins here, so that it can be masked four bytes at a time. */
const PAYLOAD_AT = 16;

export interface Frame {
  opcode: number;
  isFinal: boolean;
  payload: Buffer;
}

/** The other side broke the protocol; the code is what to close with. */
export class FrameFault extends Error {
  readonly closeCode: number;

  constructor(closeCode: number, complaint: string) {
    super(complaint);
    this.closeCode = closeCode;
  }
}

/** One frame as bytes, masked where a mask is given: a client must, a server must not. */
export function encodeFrame({ opcode, isFinal, payload }: Frame, mask?: Buffer): Buffer {
  const length = payload.length;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const from = PAYLOAD_AT - 2 - lengthBytes - (mask ? 4 : 0);
  const bytes = Buffer.allocUnsafeSlow(PAYLOAD_AT + length);
  bytes[from] = (isFinal ? 0x80 : 0) | opcode;
  bytes[from + 1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) bytes.writeUInt16BE(length, from + 2);
  if (lengthBytes === 8) bytes.writeBigUInt64BE(BigInt(length), from + 2);
  payload.copy(bytes, PAYLOAD_AT);
  if (mask) {
    mask.copy(bytes, PAYLOAD_AT - 4);
    applyMask(bytes, mask);
  }
  return bytes.subarray(from);
}

function applyMask(bytes: Buffer, mask: Buffer): void {
  const length = bytes.length - PAYLOAD_AT;
  // Interpreted, a loop over a megabyte of single bytes would take a tenth of a second.
  const words = new Int32Array(bytes.buffer, PAYLOAD_AT, length >> 2);
  const [word] = new Int32Array(Uint8Array.from(mask).buffer);
  for (let index = 0; index < words.length; index++) words[index]! ^= word!;
  for (let index = words.length * 4; index < length; index++) bytes[PAYLOAD_AT + index]! ^= mask[index % 4]!;
}

/** Makes frames of bytes as they come, in pieces of any size, and keeps no more than one frame of the largest size. */
export class FrameReader {
  readonly #isMasked: boolean;
  readonly #payloadBytesMax: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(settings: { isMasked: boolean; payloadBytesMax: number }) {
    this.#isMasked = settings.isMasked;
    this.#payloadBytesMax = settings.payloadBytesMax;
  }

  *read(chunk: Buffer): Generator<Frame, void, void> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
  }

  #next(): Frame | undefined {
    const bytes = this.#rest;
    if (bytes.length < 2) return undefined;
    const [first, second] = [bytes[0]!, bytes[1]!];
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    const shortLength = second & 0x7f;
    if ((first & 0x70) !== 0) throw new FrameFault(CLOSE.protocolError, "a frame uses bits that were not agreed on");
    if (!OPCODES.has(opcode)) throw new FrameFault(CLOSE.protocolError, "a frame is of no known kind");
    if (((second & 0x80) !== 0) !== this.#isMasked)
      throw new FrameFault(CLOSE.protocolError, "a frame is masked wrongly");
    if (opcode >= OPCODE.close && (!isFinal || shortLength > CONTROL_BYTES_MAX)) {
      throw new FrameFault(CLOSE.protocolError, "a control frame is in pieces or too long");
    }
    const lengthBytes = shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0;
    const headerBytes = 2 + lengthBytes + (this.#isMasked ? 4 : 0);
    if (bytes.length < 2 + lengthBytes) return undefined;
    const length = lengthBytes === 0 ? shortLength : longLength(bytes, lengthBytes);
    if (length > this.#payloadBytesMax) throw new FrameFault(CLOSE_TOO_BIG, "a frame is too large");
    if (bytes.length < headerBytes + length) return undefined;
    // A copy: the piece it came in may be many times larger, and would be held with it.
    const payload = Buffer.from(bytes.subarray(headerBytes, headerBytes + length));
    if (this.#isMasked) {
      const mask = bytes.subarray(headerBytes - 4, headerBytes);
      for (let index = 0; index < length; index++) payload[index]! ^= mask[index % 4]!;
    }
    this.#rest = bytes.subarray(headerBytes + length);
    return { opcode, isFinal, payload };
  }
}

function longLength(bytes: Buffer, lengthBytes: 2 | 8): number {
  const length = lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length < (lengthBytes === 2 ? 126 : 65_536)) {
    throw new FrameFault(CLOSE.protocolError, "a frame's length is written longer than it needs");
  }
  return length;
}
