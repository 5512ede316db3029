import { crc32 } from "./crc32.ts";
import { isCount, isStream } from "./edge-message.ts";

/**
 * One line of a spool's segment: the CRC-32 of what follows, then JSON. A list of series keys stands once in a segment and
 * is named by its samples, so that one that was damaged takes them along rather than giving their numbers other names.
 */
export type SpoolRecord =
  | { kind: "keys"; id: number; keys: readonly string[] }
  | { kind: "sample"; keysId: number; stream: string; seq: number; at: number; values: readonly number[] }
  /** Everything of the stream up to here is durable at the edge, or was given up. */
  | { kind: "forgotten"; stream: string; through: number }
  /** The edge never takes this one. */
  | { kind: "discarded"; stream: string; seq: number }
  | { kind: "renamed"; from: string; to: string };

const CRC_DIGITS = 8;

export function lineOfRecord(record: SpoolRecord): string {
  const text = JSON.stringify(fieldsOf(record));
  return `${crc32(Buffer.from(text)).toString(16).padStart(CRC_DIGITS, "0")} ${text}\n`;
}

/** What the line says, without its end; undefined where it is damaged. */
export function recordOfLine(line: Buffer): SpoolRecord | undefined {
  const given = line.toString("latin1", 0, CRC_DIGITS + 1);
  const bytes = line.subarray(CRC_DIGITS + 1);
  if (!/^[0-9a-f]{8} $/.test(given) || Number.parseInt(given, 16) !== crc32(bytes)) return undefined;
  try {
    const fields: unknown = JSON.parse(bytes.toString("utf8"));
    return Array.isArray(fields) ? recordOf(fields) : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(record: SpoolRecord): unknown[] {
  switch (record.kind) {
    case "keys":
      return ["keys", record.id, record.keys];
    case "sample":
      return ["sample", record.keysId, record.stream, record.seq, record.at, record.values];
    case "forgotten":
      return ["forgotten", record.stream, record.through];
    case "discarded":
      return ["discarded", record.stream, record.seq];
    case "renamed":
      return ["renamed", record.from, record.to];
  }
}

/** Whoever can write the file can write anything into it, with a right checksum. */
function recordOf([kind, ...fields]: unknown[]): SpoolRecord | undefined {
  const [first, second] = fields;
  switch (kind) {
    case "keys":
      return isCount(first) && isListOf(second, "string") ? { kind, id: first, keys: second as string[] } : undefined;
    case "sample": {
      const [keysId, stream, seq, at, values] = fields;
      if (!isCount(keysId) || !isStream(stream) || !isCount(seq) || !Number.isSafeInteger(at)) return undefined;
      if (!isListOf(values, "number")) return undefined;
      return { kind, keysId, stream, seq, at: at as number, values: values as number[] };
    }
    case "forgotten":
      return isStream(first) && isCount(second) ? { kind, stream: first, through: second } : undefined;
    case "discarded":
      return isStream(first) && isCount(second) ? { kind, stream: first, seq: second } : undefined;
    case "renamed":
      return isStream(first) && isStream(second) ? { kind, from: first, to: second } : undefined;
    default:
      return undefined;
  }
}

function isListOf(value: unknown, type: "string" | "number"): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}
