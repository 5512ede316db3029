import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Trace {
  children: string;
  /** Of children that have ended: faults and processor time, all zero where there never was one. */
  ofEndedChildren: string[];
  connectedTo: Set<number>;
  listening: number;
  /** Files that are open, other than what a Node without a program has. */
  files: string[];
}

/** What Linux knows of a process, whatever the process says. */
export function traceOf({ pid }: ChildProcess): Trace {
  const descriptors = readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`)];
    } catch {
      return [];
    }
  });
  const own = new Set(descriptors.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]));
  const sockets = ["tcp", "tcp6", "udp", "udp6"].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => own.has(fields[9]!)),
  );
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return {
    children: readdirSync(`/proc/${pid}/task`)
      .map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8"))
      .join(""),
    ofEndedChildren: [stat[8]!, stat[10]!, stat[13]!, stat[14]!],
    connectedTo: new Set(
      sockets.map((fields) => Number.parseInt(fields[2]!.split(":")[1]!, 16)).filter((port) => port > 0),
    ),
    listening: sockets.filter((fields) => fields[3] === "0A").length,
    files: descriptors.filter((target) => target.startsWith("/") && !target.startsWith("/dev/")),
  };
}
