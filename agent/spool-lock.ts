import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Procfs } from "./procfs.ts";
import { deleteLock, makeLock } from "./spool-disk.ts";

/**
 * One agent at a time writes to a spool. The lock names its holder by number, start and boot, because a number alone is
 * given out again, and in a container is the same after every start. Without `/proc` nobody can be asked, and it is taken over.
 */
export class SpoolLock {
  readonly #directory: string;
  readonly #holder: string;

  /** Throws where another agent that is alive holds it. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#holder = holderOf(process.pid) ?? String(process.pid);
    const other = textOf(directory);
    if (other !== undefined && other !== this.#holder) {
      const pid = Number(other.split(" ")[0]);
      if (Number.isSafeInteger(pid) && holderOf(pid) === other) {
        throw new Error(`another agent (process ${pid}) uses ${directory}`);
      }
      deleteLock(directory);
    }
    if (other !== this.#holder) makeLock(directory, this.#holder);
  }

  release(): void {
    try {
      if (textOf(this.#directory) === this.#holder) deleteLock(this.#directory);
    } catch {
      // Left behind it is taken over.
    }
  }
}

/** Field 22 of /proc/<pid>/stat is when it started, since boot; the name in field 2 may hold anything. */
function holderOf(pid: number): string | undefined {
  try {
    const procfs = new Procfs("/");
    const started = procfs.text(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ")[19];
    const boot = procfs.text("/proc/sys/kernel/random/boot_id")?.trim();
    return started === undefined ? undefined : `${pid} ${started} ${boot}`;
  } catch {
    return undefined;
  }
}

function textOf(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, "lock"), "utf8");
  } catch {
    return undefined;
  }
}
