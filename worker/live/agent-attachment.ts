import type { InstanceFacts } from "../../contract/ingest.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { PackedBlock } from "../series/block/directory.ts";
import { packSamples, SampleColumns, unpackSamples } from "../series/block/samples.ts";
import { MIRROR_CURSORS_MAX } from "../settings.ts";
import type { Cursor } from "./cursor.ts";
import type { WaitingSample } from "./tails.ts";

/** What an agent's socket carries through hibernation: who it is, how far its streams have come, and what is not in a block yet. */
export interface AgentAttachment {
  kind: "agent";
  tokenHash: string;
  since: EpochMs;
  hello: { facts: InstanceFacts; agentVersion: string; intervalMs: DurationMs } | null;
  cursors: (Pick<Cursor, "number" | "clockOffsetMs" | "durableSeq"> & {
    stream: string;
    accepted: { seq: number; at: EpochMs | null };
  })[];
  /** Null where it did not fit. */
  tail: PackedBlock | null;
}

/** What the attachment is to be; and, where that is too large for one, without the samples. */
export function* mirrorOf(
  { tokenHash, since, hello }: Pick<AgentAttachment, "tokenHash" | "since" | "hello">,
  cursors: readonly (readonly [string, Cursor])[],
  waiting: readonly WaitingSample[],
): Iterable<AgentAttachment> {
  const known = cursors
    .flatMap(([stream, { number, clockOffsetMs, durableSeq, accepted }]) =>
      accepted ? [{ stream, number, clockOffsetMs, durableSeq, accepted }] : [],
    )
    .slice(-MIRROR_CURSORS_MAX);
  const attachment = { kind: "agent" as const, tokenHash, since, hello, cursors: known };
  // What the journal has, it gives back itself.
  const samples = waiting.filter(({ isJournaled }) => !isJournaled);
  if (samples.length > 0) {
    const columns = new SampleColumns();
    columns.merge(samples);
    yield { ...attachment, tail: packSamples(columns) };
  }
  yield { ...attachment, tail: null };
}

export interface Restored {
  cursors: [stream: string, Cursor][];
  samples: WaitingSample[];
  /** Streams of which something was taken in that is neither here nor in a block. */
  missing: { stream: string; after: number }[];
}

export function restored({ cursors, tail }: AgentAttachment, now: EpochMs): Restored {
  const samples = tail ? unpackSamples(tail, () => {}).samples() : [];
  const numbers = new Set(samples.map(({ stream }) => stream));
  const found: Restored = { cursors: [], samples: [], missing: [] };
  found.samples = samples.map((sample) => ({ ...sample, takenAt: now, isJournaled: false }));
  for (const { stream, number, clockOffsetMs, durableSeq, accepted } of cursors) {
    const isWhole = accepted.seq === durableSeq || numbers.has(number);
    const cursor = { number, clockOffsetMs, durableSeq, accepted: isWhole ? accepted : { seq: durableSeq, at: null } };
    found.cursors.push([stream, cursor]);
    if (!isWhole) found.missing.push({ stream, after: durableSeq });
  }
  return found;
}
