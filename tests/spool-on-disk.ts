import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { recordOfLine } from "../agent/spool-record.ts";

/** What an agent's spool says of one stream. */
export interface KeptStream {
  /** Number → time, of every sample that stands in it, durable or not. */
  samples: Map<number, number>;
  /** Everything up to here was called durable. */
  durableSeq: number;
}

/**
 * Reads an agent's spool as it lies on disk, also while the agent writes to it. A damaged line anywhere but at the very end of a
 * file is an error, and so is a sample that was given up for another reason than being durable.
 */
export async function readSpool(directory: string): Promise<Map<string, KeptStream>> {
  const streams = new Map<string, KeptStream>();
  const of = (id: string) => {
    let stream = streams.get(id);
    if (!stream) streams.set(id, (stream = { samples: new Map(), durableSeq: 0 }));
    return stream;
  };
  const names = await readdir(directory).catch(ignoreAbsent<string[]>([]));
  for (const name of names.filter((one) => one.endsWith(".log")).sort()) {
    // Deleted since it was listed: all that stood in it is durable.
    const text = await readFile(join(directory, name)).catch(ignoreAbsent(Buffer.alloc(0)));
    for (let from = 0, end; (end = text.indexOf("\n", from)) !== -1; from = end + 1) {
      const record = recordOfLine(text.subarray(from, end));
      if (record?.kind === "sample") of(record.stream).samples.set(record.seq, record.at);
      else if (record?.kind === "forgotten") {
        of(record.stream).durableSeq = Math.max(of(record.stream).durableSeq, record.through);
      } else if (record?.kind !== "keys") {
        throw new Error(`${name} at ${from}: ${record ? JSON.stringify(record) : "damaged"}`);
      }
    }
  }
  return streams;
}

function ignoreAbsent<Value>(value: Value) {
  return (error: NodeJS.ErrnoException): Value => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}

/** Times of the samples that the agent may not forget yet. */
export function undurable(streams: ReadonlyMap<string, KeptStream>): number[] {
  return [...streams.values()].flatMap(({ samples, durableSeq }) =>
    [...samples].filter(([seq]) => seq > durableSeq).map(([, at]) => at),
  );
}
