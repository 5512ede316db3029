import { describe, expect, it } from "vitest";
import { Stream } from "./stream.ts";

function numbered() {
  let count = 0;
  return new Stream(() => `stream-${++count}`);
}

describe("a stream", () => {
  it("numbers its samples from one, each later than the one before", () => {
    const stream = numbered();
    expect(stream.next(1_000, 0)).toEqual({ stream: "stream-1", seq: 1, at: 1_000 });
    expect(stream.next(1_000, 1)).toEqual({ stream: "stream-1", seq: 2, at: 1_001 });
    expect(stream.next(900.5, 2)).toEqual({ stream: "stream-1", seq: 3, at: 1_002 });
  });

  it("goes on over a clock that drifts", () => {
    const stream = numbered();
    stream.next(1_000, 0);
    expect(stream.next(34_900, 30_000)).toMatchObject({ stream: "stream-1", seq: 2 });
  });

  it.each([
    ["back", 500],
    ["forward", 40_000],
  ])("ends when the clock is set %s, and the next begins at one", (_, wallMs) => {
    const stream = numbered();
    stream.next(30_000, 0);
    expect(stream.next(wallMs, 1_000)).toEqual({ stream: "stream-2", seq: 1, at: wallMs });
  });

  it("keeps counting under another id", () => {
    const stream = numbered();
    stream.next(1_000, 0);
    stream.rename("other");
    expect(stream.next(2_000, 1_000)).toEqual({ stream: "other", seq: 2, at: 2_000 });
  });
});
