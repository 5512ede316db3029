import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import type { Procfs } from "../procfs.ts";

/** Entry of the auxiliary vector that holds the page size (getauxval(3)): 4 KiB on x86, up to 64 KiB on ARM and POWER. */
const AT_PAGESZ = 6n;

export function readPageSizeBytes(procfs: Procfs): number | undefined {
  try {
    const bytes = parsePageSize(readFileSync(`${procfs.root}/proc/self/auxv`));
    if (bytes !== undefined) return bytes;
  } catch {
    // Not there in a fixture or behind a strict sandbox: then only x86 is sure of its page size.
  }
  return process.arch === "x64" || process.arch === "ia32" ? 4_096 : undefined;
}

/** Pairs of key and value, one machine word each (64 bits wherever Node runs today). */
export function parsePageSize(auxv: Buffer): number | undefined {
  const word = (offset: number) =>
    endianness() === "LE" ? auxv.readBigUInt64LE(offset) : auxv.readBigUInt64BE(offset);
  for (let offset = 0; offset + 16 <= auxv.length; offset += 16) {
    if (word(offset) === AT_PAGESZ) return Number(word(offset + 8));
  }
  return undefined;
}
