import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./refusal.ts";

/** Two servers on one database would spoil it. Gives back what lets go of the lock. */
export function takeLock(stateDir: string): () => void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => {
        if (holderOf(path) === process.pid) rmSync(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = holderOf(path);
      if (holder !== undefined && isLauncher(holder)) {
        throw new Refusal(
          `Nephos already runs with ${stateDir} (process ${holder}).`,
          `Stop it with Ctrl-C in its window (or kill ${holder}), or give this one its own: --state DIR --port N`,
        );
      }
      // Left behind by one that was killed.
      rmSync(path, { force: true });
    }
  }
  throw new Refusal(`${path} cannot be taken.`, "Is another Nephos just starting? Try again.");
}

function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8")) || undefined;
  } catch {
    return undefined;
  }
}

/** A number is given out again after a while: where the system tells, it must also be a launcher. */
function isLauncher(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("launch.ts");
  } catch {
    return process.platform !== "linux";
  }
}
