import { join } from "node:path";
import { Procfs } from "../procfs.ts";
import type { Collected, Collector } from "./collector.ts";

export type Host = "debian-vm" | "lxc-container" | "linux-3.10" | "raid-and-bond";
export const fixtureRoot = (host: Host) => join(import.meta.dirname, "../fixtures", host);
export const fixture = (host: Host) => new Procfs(fixtureRoot(host));

/** A procfs of texts, for what changes between two readings. */
export function textsAsProcfs(texts: Record<string, string>): Procfs {
  const procfs = new Procfs("/nowhere-at-all");
  procfs.text = (path) => texts[path];
  procfs.list = (path) => texts[path]?.split(" ");
  return procfs;
}

/** What a collector tells of each of these readings, taken a second apart. */
export async function readingsOf(collector: Collector, ...files: Procfs[]): Promise<Collected[]> {
  const readings: Collected[] = [];
  for (const [index, procfs] of files.entries()) {
    readings.push(await collector.collect({ monotonicMs: index * 1_000, procfs }));
  }
  return readings;
}

/** Without the readings that are undefined. */
export const told = (collected: Collected | undefined) =>
  Object.fromEntries(Object.entries(collected ?? {}).filter(([, value]) => value !== undefined));
