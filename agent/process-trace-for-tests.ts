import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";

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

/** An agent that spoke with this edge alone, ran nothing, and wrote nothing but its spool. */
export async function expectOnlySpool(
  traces: readonly Trace[],
  { home, state, edge }: { home: string; state: string; edge: { url: string } },
): Promise<void> {
  for (const trace of traces) {
    expect(trace).toEqual({
      children: "",
      ofEndedChildren: ["0", "0", "0", "0"],
      connectedTo: new Set([Number(new URL(edge.url).port)]),
      listening: 0,
      files: trace.files.filter((path) => path.startsWith(join(state, "spool"))),
    });
  }
  expect((await readdir(home, { recursive: true })).sort()).toEqual([
    "state",
    "state/spool",
    expect.stringMatching(/^state\/spool\/\d{10}\.log$/),
  ]);
}
