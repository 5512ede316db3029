import { describe, expect, it } from "vitest";
import { crc32 } from "./crc32.ts";
import { lineOfRecord, recordOfLine, type SpoolRecord } from "./spool-record.ts";

const RECORDS: SpoolRecord[] = [
  { kind: "keys", id: 0, keys: ["load_1m", "filesystem_used_ratio:/größe"] },
  { kind: "sample", keysId: 0, stream: "stream-a", seq: 7, at: 1_800_000_000_123, values: [0.1, 1e300, -5] },
  { kind: "forgotten", stream: "stream-a", through: 6 },
  { kind: "discarded", stream: "stream-a", seq: 7 },
  { kind: "renamed", from: "stream-a", to: "stream-b" },
];
const withSum = (text: string) => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${crc32(bytes).toString(16).padStart(8, "0")} `), bytes]);
};

describe("a record", () => {
  it("has the checksum everybody reckons", () => {
    expect(crc32(Buffer.from("123456789")).toString(16)).toBe("cbf43926");
    expect(crc32(Buffer.alloc(0))).toBe(0);
  });

  it.each(RECORDS)("$kind is read as it was written, in one line", (record) => {
    const line = lineOfRecord(record);
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(recordOfLine(Buffer.from(line.trimEnd()))).toEqual(record);
  });

  it.each(RECORDS)("$kind is nothing when any bit of it is another", (record) => {
    const line = Buffer.from(lineOfRecord(record).trimEnd());
    for (let bit = 0; bit < line.length * 8; bit++) {
      const damaged = Buffer.from(line);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(recordOfLine(damaged)).toBeUndefined();
    }
  });

  it.each([
    "",
    "null",
    "{}",
    "[]",
    '["run","touch owned"]',
    '["sample",0,"../../etc",1,1,[1]]',
    '["sample",0,"stream-a",1.5,1,[1]]',
    '["sample",0,"stream-a",1,1,["1"]]',
    '["keys",0,[1]]',
    '["keys",-1,[]]',
    '["forgotten","stream-a",-1]',
    '["renamed","stream-a",null]',
    "[".repeat(10_000),
  ])("%j is nothing, though its checksum is right", (text) => {
    expect(recordOfLine(withSum(text))).toBeUndefined();
  });
});
