import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { setTimeout as wait } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";

const GRACE_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** Miniflare keeps its workerd to itself; its number is needed by whoever finds it left behind. The newest one counts. */
export function whenWorkerdStarts(tell: (pid: number) => void): void {
  subscribe("child_process", (message) => {
    const { process: child } = message as { process: ChildProcess };
    // Published before the program is started: the number is there a turn later.
    setImmediate(() => {
      if (child.pid !== undefined && child.spawnfile.includes("workerd")) tell(child.pid);
    });
  });
}

/** Ends a workerd whose launcher was killed outright. True where there was one; any other process of this number is left alone. */
export async function endLeftWorkerd(pid: number): Promise<boolean> {
  if (!isWorkerd(pid)) return false;
  process.kill(pid, "SIGTERM");
  const until = Date.now() + GRACE_MS;
  while (isWorkerd(pid) && Date.now() < until) await wait(LOOK_EVERY_MS);
  if (isWorkerd(pid)) process.kill(pid, "SIGKILL");
  while (isWorkerd(pid)) await wait(LOOK_EVERY_MS);
  return true;
}

/** Numbers are given out again: only where the system tells that it is a workerd is it taken for one. */
function isWorkerd(pid: number): boolean {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("workerd");
    if (process.platform === "win32") return false;
    return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).includes("workerd");
  } catch {
    return false;
  }
}
