import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./refusal.ts";
import { endLeftWorkerd } from "./workerd.ts";

/** Whose state folder this is. */
export interface Lock {
  /** Written down for the next start, should this launcher be killed and leave it behind. */
  workerdStarted(pid: number): void;
  release(): void;
}

interface Holder {
  launcher: number;
  workerd?: number;
}

/** Two servers on one database would spoil it. What a killed launcher left is ended first. */
export async function takeLock(stateDir: string): Promise<Lock> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, textOf({ launcher: process.pid }));
      closeSync(file);
      return {
        workerdStarted: (workerd) => writeFileSync(path, textOf({ launcher: process.pid, workerd })),
        release: () => {
          if (holderOf(path)?.launcher === process.pid) rmSync(path, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = holderOf(path);
      if (holder && isLauncher(holder.launcher)) {
        throw new Refusal(
          `Nephos already runs with ${stateDir} (process ${holder.launcher}).`,
          `Stop it with Ctrl-C in its window (or kill ${holder.launcher}), or give this one its own: --state DIR --port N`,
        );
      }
      if (holder?.workerd && (await endLeftWorkerd(holder.workerd))) {
        console.log("The last start was killed and had left its workerd behind; that has been ended.");
      }
      rmSync(path, { force: true });
    }
  }
  throw new Refusal(`${path} cannot be taken.`, "Is another Nephos just starting? Try again.");
}

const textOf = ({ launcher, workerd }: Holder) => [launcher, workerd].filter(Boolean).join(" ");

function holderOf(path: string): Holder | undefined {
  try {
    const [launcher, workerd] = readFileSync(path, "utf8").split(" ").map(Number);
    return launcher ? { launcher, ...(workerd && { workerd }) } : undefined;
  } catch {
    return undefined;
  }
}

/** A number is given out again after a while: where the system tells, it must also be a launcher, or the rotation of keys. */
function isLauncher(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    return /\b(launch|rotate)\.ts\b/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}
