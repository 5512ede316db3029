import { readFileSync } from "node:fs";

/** USER_HZ: processor time in /proc/<pid>/stat is in hundredths of a second. */
const TICK_MS = 10;

export function requireProc(): void {
  if (process.platform !== "linux") throw new Error("This bench reads /proc/<pid>: it runs on Linux only.");
}

/** Processor time a process has taken so far, all its threads, in user and in kernel mode. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export function rssBytesOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1_024;
}
