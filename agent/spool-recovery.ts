import type { Spool } from "./spool.ts";
import type { SpoolRecord } from "./spool-record.ts";
import { readSegment, type Segment } from "./spool-segment.ts";

/** Brings back what earlier runs kept, oldest first: their samples, and what became of them. */
export async function restoreInto(
  directory: string,
  spool: Spool,
  segments: readonly Segment[],
): Promise<{ samples: number; damaged: number }> {
  const before = spool.size;
  let damaged = 0;
  for (const [index, segment] of segments.entries()) {
    const keysOf = new Map<number, readonly string[]>();
    const take = (record: SpoolRecord) => {
      switch (record.kind) {
        case "keys":
          return void keysOf.set(record.id, record.keys);
        case "sample": {
          const { stream, seq, at } = record;
          const keys = keysOf.get(record.keysId);
          if (keys?.length !== record.values.length) return void damaged++;
          segment.holds(stream, seq);
          return void spool.restore(stream, { seq, at, keys, values: Float64Array.from(record.values) });
        }
        case "forgotten":
          return spool.settle(record.stream, record.through);
        case "discarded":
          return void spool.withdraw(record.stream, record.seq);
        case "renamed":
          for (const earlier of segments.slice(0, index + 1)) earlier.rename(record.from, record.to);
          return spool.renameStream(record.from, record.to);
      }
    };
    // One that cannot be read, as where the agent was run by hand as root, is no reason to do without the others.
    damaged += await readSegment(directory, segment, take).catch(() => 1);
  }
  return { samples: spool.size - before, damaged };
}
