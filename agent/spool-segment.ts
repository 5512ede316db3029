import type { Packed } from "./packed.ts";
import { readSegmentFile } from "./spool-disk.ts";
import { lineOfRecord, recordOfLine, type SpoolRecord } from "./spool-record.ts";

const LINE_END = 10;

/** What is written: a sample as it is kept, or what became of others. */
export type Written =
  { kind: "sample"; stream: string; entry: Packed } | Exclude<SpoolRecord, { kind: "sample" | "keys" }>;

/** One file of the spool, and what has to be known of it to write more to it, or to do without it. */
export class Segment {
  readonly name: string;
  bytes = 0;
  /** Of each stream the highest number in it. */
  through = new Map<string, number>();
  readonly #keyIds = new Map<readonly string[], number>();

  constructor(name: string) {
    this.name = name;
  }

  /** As lines, with the list of keys where this file has not had it yet. */
  linesOf(written: Written): string {
    if (written.kind !== "sample") return lineOfRecord(written);
    const { stream, entry } = written;
    const { seq, at, keys, values } = entry;
    const knownId = this.#keyIds.get(keys);
    const keysId = knownId ?? this.#keyIds.size;
    this.#keyIds.set(keys, keysId);
    this.holds(stream, seq);
    const line = lineOfRecord({ kind: "sample", keysId, stream, seq, at, values: [...values] });
    return knownId === undefined ? lineOfRecord({ kind: "keys", id: keysId, keys }) + line : line;
  }

  holds(stream: string, seq: number): void {
    this.through.set(stream, Math.max(seq, this.through.get(stream) ?? 0));
  }

  rename(from: string, to: string): void {
    const seq = this.through.get(from);
    if (seq === undefined) return;
    this.through.delete(from);
    this.holds(to, seq);
  }
}

/** Reads a segment back, record by record; answers how many were damaged. */
export async function readSegment(
  directory: string,
  segment: Segment,
  take: (record: SpoolRecord) => void,
): Promise<number> {
  const { size, bytes } = await readSegmentFile(directory, segment.name);
  segment.bytes = size;
  if (!bytes) return 1;
  let damaged = 0;
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(LINE_END, from);
    const record = recordOfLine(bytes.subarray(from, end === -1 ? bytes.length : end));
    if (record) take(record);
    // A last line without its end was being written when the power went, and had not been promised to anybody.
    else if (end !== -1) damaged++;
    if (end === -1) break;
    from = end + 1;
  }
  return damaged;
}
