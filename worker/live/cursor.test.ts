import { describe, expect, it } from "vitest";
import { accept, confirm, place, type Cursor } from "./cursor.ts";

const T0 = 1_790_000_000_000;
/** Samples of these numbers, a second apart by their number. */
const samples = (...seqs: number[]) => seqs.map((seq) => ({ seq, at: T0 + seq * 1_000 }));
const cursorAt = (seq: number | undefined, durableSeq = 0, more: Partial<Cursor> = {}): Cursor => ({
  number: 1,
  clockOffsetMs: 0,
  accepted: seq === undefined ? undefined : { seq, at: T0 + seq * 1_000 },
  durableSeq,
  ...more,
});
const told = (cursor: Cursor, seqs: number[], after: number, oldest: boolean) => {
  const placed = place(cursor, samples(...seqs), { after, oldest });
  if (placed.kind === "fresh") {
    accept(cursor, placed.fresh);
    return placed.fresh.map(({ seq }) => seq);
  }
  return placed.kind === "resend" ? `resend after ${placed.after}` : placed.refusal.code;
};

describe("where samples are placed", () => {
  it.each<
    [
      what: string,
      accepted: number | undefined,
      durable: number,
      seqs: number[],
      after: number,
      oldest: boolean,
      fresh: number[] | string,
      then: [number, number],
    ]
  >([
    ["a stream's first samples are taken", undefined, 0, [1, 2], 0, false, [1, 2], [2, 0]],
    ["the next ones are taken", 2, 0, [3, 4], 2, false, [3, 4], [4, 0]],
    ["numbers may be left out where the sender has none between", 2, 0, [5, 9], 2, false, [5, 9], [9, 0]],
    ["repeats are not taken", 4, 0, [3, 4], 2, false, [], [4, 0]],
    ["of samples that overlap what is new is taken", 4, 0, [3, 4, 5], 2, false, [5], [5, 0]],
    ["what is missing is asked for, and nothing taken", 2, 1, [5, 6], 4, false, "resend after 2", [2, 1]],
    ["who does not know a stream asks for all of it", undefined, 0, [5, 6], 4, false, "resend after 0", [0, 0]],
    ["the oldest that is kept is taken where nothing is known", undefined, 0, [5, 6], 4, true, [5, 6], [6, 4]],
    ["the oldest that is kept is taken where something before it is missing", 2, 2, [5, 6], 4, true, [5, 6], [6, 4]],
    ["what waits below a gap that was given up is not durable by it", 2, 1, [5, 6], 4, true, [5, 6], [6, 1]],
    ["a repeat of the oldest takes nothing back", 6, 5, [3, 4], 2, true, [], [6, 5]],
    ["no samples say nothing", 6, 5, [], 9, true, [], [6, 5]],
  ])("%s", (_what, accepted, durable, seqs, after, oldest, fresh, [thenAccepted, thenDurable]) => {
    const cursor = cursorAt(accepted, durable);
    expect(told(cursor, seqs, after, oldest)).toEqual(fresh);
    expect([cursor.accepted?.seq ?? 0, cursor.durableSeq]).toEqual([thenAccepted, thenDurable]);
  });

  it("a new number whose time is not later is refused, with the sample and what to do", () => {
    const placed = place(cursorAt(4), [{ seq: 5, at: T0 + 4_000 }], { after: 4, oldest: false });
    expect(placed).toMatchObject({
      kind: "refused",
      refusal: {
        code: "stream_conflict",
        field: "samples[0].at",
        remedy: expect.stringContaining("new stream") as string,
      },
    });
  });

  it("a taken number whose time is later is refused: it is another sample of the same name", () => {
    const placed = place(
      cursorAt(4),
      [
        { seq: 4, at: T0 + 9_000 },
        { seq: 6, at: T0 + 10_000 },
      ],
      { after: 3, oldest: false },
    );
    expect(placed).toMatchObject({ kind: "refused", refusal: { code: "stream_conflict", field: "samples[0].at" } });
  });

  it("times are held against each other as corrected", () => {
    const cursor = cursorAt(4, 0, { clockOffsetMs: 86_400_000 });
    cursor.accepted = { seq: 4, at: T0 + 4_000 + 86_400_000 };
    expect(told(cursor, [4, 5], 3, false)).toEqual([5]);
    expect(cursor.accepted.at).toBe(T0 + 5_000 + 86_400_000);
  });

  it("after a loss of memory the time of what was taken is not known, and nothing is refused for it", () => {
    const cursor = cursorAt(4);
    cursor.accepted = { seq: 4, at: null };
    expect(told(cursor, [5], 4, false)).toEqual([5]);
  });
});

describe("what is confirmed", () => {
  it.each<[what: string, accepted: number | undefined, durable: number, left: number[], isNews: boolean, then: number]>(
    [
      ["all that was taken, where nothing waits", 9, 4, [], true, 9],
      ["up to the first that waits, however they are ordered", 9, 4, [9, 7, 8], true, 6],
      ["nothing new, where what comes next still waits", 9, 4, [5], false, 4],
      ["never less than was confirmed before", 9, 8, [3], false, 8],
      ["nothing of a stream this object has not heard of", undefined, 4, [], false, 4],
    ],
  )("is %s", (_, accepted, durable, left, isNews, then) => {
    const cursor = cursorAt(accepted, durable);
    expect([confirm(cursor, samples(...left)), cursor.durableSeq]).toEqual([isNews, then]);
  });
});
