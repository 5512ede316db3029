import type { EpochMs } from "../../contract/units.ts";
import type { Refusal } from "../errors.ts";

/** How far one stream has come: taken in, and in blocks. What lies between waits in memory, here and at the agent. */
export interface Cursor {
  /** The stream's number within its instance: what a sample in a block carries. */
  number: number;
  /** Added to every `at` of this stream; decided when the stream began, so that a repeat falls on the same moment. */
  clockOffsetMs: number;
  /** Undefined where this object does not know: it has just begun, and has not heard of this stream. */
  accepted: { seq: number; at: EpochMs | null } | undefined;
  durableSeq: number;
  /** When samples were last asked for again: an answer takes its time. */
  askedAt?: EpochMs;
}

/** What is compared of a sample: its own number and time, not yet corrected. */
export interface Numbered {
  seq: number;
  at: EpochMs;
}

export type Placed<Sample> =
  /** These are new, the rest is a repeat. */
  | { kind: "fresh"; fresh: Sample[] }
  /** Samples above this number are missing here; none of these was taken. */
  | { kind: "resend"; after: number }
  | { kind: "refused"; refusal: Refusal };

/**
 * Which samples are new. The sender has nothing of the stream above `after` and below its first sample; and where that is the
 * `oldest` it keeps, nothing at all below it, so what is missing here is durable or given up.
 */
export function place<Sample extends Numbered>(
  cursor: Cursor,
  samples: readonly Sample[],
  { after, oldest }: { after: number; oldest: boolean },
): Placed<Sample> {
  if (samples.length === 0) return { kind: "fresh", fresh: [] };
  if (!cursor.accepted) {
    if (!oldest && after > 0) return { kind: "resend", after: 0 };
    cursor.accepted = { seq: after, at: null };
    cursor.durableSeq = after;
  } else if (after > cursor.accepted.seq) {
    if (!oldest) return { kind: "resend", after: cursor.accepted.seq };
    if (cursor.durableSeq === cursor.accepted.seq) cursor.durableSeq = after;
    cursor.accepted = { seq: after, at: cursor.accepted.at };
  }
  const { seq, at } = cursor.accepted;
  const fresh = samples.filter((sample) => sample.seq > seq);
  const contradiction = samples.find(
    (sample) => at !== null && (sample.seq > seq ? sample === fresh[0] && timeOf(sample) <= at : timeOf(sample) > at),
  );
  if (contradiction)
    return { kind: "refused", refusal: contradictionOf(samples.indexOf(contradiction), contradiction, seq) };
  return { kind: "fresh", fresh };

  function timeOf(sample: Numbered): EpochMs {
    return sample.at + cursor.clockOffsetMs;
  }
}

export function accept(cursor: Cursor, fresh: readonly Numbered[]): void {
  const last = fresh.at(-1);
  if (last) cursor.accepted = { seq: last.seq, at: last.at + cursor.clockOffsetMs };
}

/** All that is not `left` waiting is in blocks. Whether that takes the cursor further: a number once confirmed stays so. */
export function confirm(cursor: Cursor, left: readonly Numbered[]): boolean {
  if (!cursor.accepted) return false;
  const durableSeq = left.reduce((least, { seq }) => Math.min(least, seq - 1), cursor.accepted.seq);
  if (durableSeq <= cursor.durableSeq) return false;
  cursor.durableSeq = durableSeq;
  return true;
}

function contradictionOf(index: number, { seq }: Numbered, acceptedSeq: number): Refusal {
  const what =
    seq > acceptedSeq
      ? `seq ${seq} is new, but its time is not after that of seq ${acceptedSeq}`
      : `seq ${seq} was taken before, but its time is after that of seq ${acceptedSeq}`;
  return {
    code: "stream_conflict",
    message: `samples[${index}].at: ${what}.`,
    field: `samples[${index}].at`,
    remedy: "Start a new stream: this one's numbers or clock went back.",
  };
}
