import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";

/** All the agent ever does to files while it runs: in its spool, to files that are named as these are, and to its lock. */

/** Of larger files this program has written none. */
const SEGMENT_BYTES_READ_MAX = 8_000_000;
const SEGMENT_NAME = /^\d{10}\.log$/;

export function isSegmentName(name: string): boolean {
  return SEGMENT_NAME.test(name);
}

export function segmentName(number: number): string {
  return `${String(number).padStart(10, "0")}.log`;
}

export function makeSpoolDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
}

/** Once this is done the text is on the disk, where it has to be. */
export async function appendToSegment(directory: string, name: string, text: string, isToSync: boolean): Promise<void> {
  // Opened each time: a file held open for days would keep a disk from being unmounted, and hide that it was taken away.
  const file = await open(join(directory, name), "a", 0o600);
  try {
    await file.appendFile(text);
    if (isToSync) await file.datasync();
  } finally {
    await file.close();
  }
}

/** The content, or undefined where it is larger than any of ours. */
export async function readSegmentFile(
  directory: string,
  name: string,
): Promise<{ size: number; bytes: Buffer | undefined }> {
  const file = await open(join(directory, name), "r");
  try {
    const { size } = await file.stat();
    return { size, bytes: size > SEGMENT_BYTES_READ_MAX ? undefined : await file.readFile() };
  } finally {
    await file.close();
  }
}

export async function deleteSegment(directory: string, name: string): Promise<void> {
  if (isSegmentName(name)) await rm(join(directory, name), { force: true });
}

/** Makes the directory's own entries last, so that a new file is still there after the power went. */
export async function syncSpoolDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Exclusively: of two that start at once, one finds that it was made in between. */
export function makeLock(directory: string, holder: string): void {
  writeFileSync(join(directory, "lock"), holder, { flag: "wx", mode: 0o600 });
}

export function deleteLock(directory: string): void {
  rmSync(join(directory, "lock"), { force: true });
}
