import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameFault, FrameReader, OPCODE, type Frame } from "./websocket-frames.ts";

const reader = (isMasked = false) => new FrameReader({ isMasked, payloadBytesMax: 70_000 });
const read = (bytes: Buffer, of = reader()) => [...of.read(bytes)];
const text = (length: number): Frame => ({ opcode: OPCODE.text, isFinal: true, payload: randomBytes(length) });

describe("frames", () => {
  const LENGTHS = [0, 1, 2, 3, 4, 5, 125, 126, 127, 1_000, 65_535, 65_536, 70_000];

  it.each(LENGTHS)("of %d bytes come out as they went in, masked or not", (length) => {
    const frame = text(length);
    expect(read(encodeFrame(frame))).toEqual([frame]);
    const masked = encodeFrame(frame, randomBytes(4));
    expect(read(masked, reader(true))).toEqual([frame]);
    if (length > 8) expect(masked.includes(frame.payload)).toBe(false);
  });

  it("come out the same in whatever pieces they arrive", () => {
    const frames = [
      text(3),
      text(200),
      { opcode: OPCODE.ping, isFinal: true, payload: Buffer.from("?") },
      text(66_000),
    ];
    const bytes = Buffer.concat(frames.map((frame) => encodeFrame(frame)));
    for (const size of [1, 2, 7, 125, 4_096, 65_536, bytes.length]) {
      const one = reader();
      const got: Frame[] = [];
      for (let from = 0; from < bytes.length; from += size) got.push(...one.read(bytes.subarray(from, from + size)));
      expect(got).toEqual(frames);
    }
  });

  it("leave what is sent as it was", () => {
    const frame = text(50);
    const before = Buffer.from(frame.payload);
    encodeFrame(frame, randomBytes(4));
    expect(frame.payload).toEqual(before);
  });

  it("are those of RFC 6455, section 5.7", () => {
    const mask = Buffer.from("37fa213d", "hex");
    const hello = { opcode: OPCODE.text, isFinal: true, payload: Buffer.from("Hello") };
    expect(encodeFrame(hello, mask).toString("hex")).toBe("818537fa213d7f9f4d5158");
    expect(encodeFrame(hello).toString("hex")).toBe("810548656c6c6f");
  });

  it.each([
    ["a reserved bit", "c100", 1002],
    ["an unknown kind", "8300", 1002],
    ["an unknown kind of control", "8b00", 1002],
    ["a mask", "818537fa213d7f9f4d5158", 1002],
    ["a control frame in pieces", "0900", 1002],
    ["a control frame of 126 bytes", "897e007e", 1002],
    ["a length of 125 written in two bytes", "817e007d", 1002],
    ["a length of 65535 written in eight", "817f000000000000ffff", 1002],
    ["a length beyond the bound, before any of it came", "817f0000000000011171", 1009],
    ["a length of 2^63", "817f8000000000000000", 1009],
  ])("with %s are a fault", (_, hex, code) => {
    const fault = (() => {
      try {
        return void read(Buffer.from(hex, "hex"));
      } catch (error) {
        return error;
      }
    })();
    expect(fault).toBeInstanceOf(FrameFault);
    expect((fault as FrameFault).closeCode).toBe(code);
  });

  it("of chance bytes are frames or a fault, and never anything else", () => {
    for (let round = 0; round < 2_000; round++) {
      try {
        for (const { payload } of read(randomBytes(64))) expect(payload.length).toBeLessThanOrEqual(64);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameFault);
      }
    }
  });
});
