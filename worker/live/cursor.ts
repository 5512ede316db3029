import type { EpochMs } from "../../contract/units.ts";
import type { Refusal } from "../errors.ts";
import type { BatchSample } from "./batch.ts";

/** How far one stream has come: taken in, and written. Between the two lies what a commit is carrying. */
export interface Cursor {
  /** The stream's number within its instance: what a row carries. */
  number: number;
  /** Added to every `at` of this stream; decided when the stream began, so that a repeat falls on the same moment. */
  clockOffsetMs: number;
  acceptedSeq: number;
  acceptedAt: EpochMs;
  durableSeq: number;
  durableAt: EpochMs;
}

/** Which samples of a batch are new; or the refusal of a stream that contradicts itself. */
export function newSamples(cursor: Cursor, samples: readonly BatchSample[]): BatchSample[] | Refusal {
  const fresh = samples.filter((sample) => sample.seq > cursor.acceptedSeq);
  const first = fresh[0];
  if (first && first.at + cursor.clockOffsetMs <= cursor.acceptedAt) {
    return {
      code: "stream_conflict",
      message: `samples[${samples.indexOf(first)}].at: seq ${first.seq} is new, but its time is not after that of seq ${cursor.acceptedSeq}.`,
      field: `samples[${samples.indexOf(first)}].at`,
      remedy: "Start a new stream: this one's numbers or clock went back.",
    };
  }
  return fresh;
}

export function accept(cursor: Cursor, fresh: readonly BatchSample[]): void {
  const last = fresh.at(-1);
  if (!last) return;
  cursor.acceptedSeq = last.seq;
  cursor.acceptedAt = last.at + cursor.clockOffsetMs;
}

/** The commit went through, up to this sample at least. */
export function settle(cursor: Cursor, committed: readonly BatchSample[]): void {
  const last = committed.at(-1);
  if (!last || last.seq <= cursor.durableSeq) return;
  cursor.durableSeq = last.seq;
  cursor.durableAt = last.at + cursor.clockOffsetMs;
}

/** The commit failed: what was taken in but not written may come again. */
export function rewind(cursor: Cursor): void {
  cursor.acceptedSeq = cursor.durableSeq;
  cursor.acceptedAt = cursor.durableAt;
}
