import { mkdir, statfs } from "node:fs/promises";
import { Refusal } from "./refusal.ts";

/** A database that runs out of disk dies with a word nobody understands; a day of one machine is 4 MB. */
const FREE_NEEDED_BYTES = 50e6;

export async function requireDisk(stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(stateDir);
  const free = bavail * bsize;
  if (free >= FREE_NEEDED_BYTES) return;
  throw new Refusal(
    `The disk is full: ${(free / 1e6).toFixed(1)} MB are free where Nephos keeps its data (${stateDir}).`,
    `Make room for at least ${FREE_NEEDED_BYTES / 1e6} MB, or keep the data elsewhere: --state DIR`,
  );
}
