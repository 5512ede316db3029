import { Counters } from "../counters.ts";
import type { Procfs } from "../procfs.ts";
import type { Collected, Collector } from "./collector.ts";
import { parseMeminfo } from "./memory.ts";
import { readPageSizeBytes } from "./page-size.ts";

export function readSwap(procfs: Procfs): { meminfo: string; vmstat: string | undefined } {
  const meminfo = procfs.need("/proc/meminfo");
  // /proc/vmstat is long; where there is no swap nothing can be swapped.
  return { meminfo, vmstat: parseSwap(meminfo).swap_total_bytes ? procfs.text("/proc/vmstat") : undefined };
}

/** Sizes (kernel: Documentation/filesystems/proc.rst, "meminfo"). Without swap there is no share of it in use. */
export function parseSwap(text: string): Collected {
  const meminfo = parseMeminfo(text);
  const total = meminfo.get("SwapTotal");
  const free = meminfo.get("SwapFree");
  const used = total === undefined || free === undefined ? undefined : Math.max(0, total - free);
  return {
    swap_total_bytes: total,
    swap_used_bytes: used,
    swap_used_ratio: used === undefined || !total ? undefined : used / total,
  };
}

/** Pages swapped in and out since boot (kernel: mm/vmstat.c, `pswpin` and `pswpout`). */
export function parseSwapped(text: string): { in: number; out: number } | undefined {
  const pagesIn = /^pswpin (\d+)$/m.exec(text)?.[1];
  const pagesOut = /^pswpout (\d+)$/m.exec(text)?.[1];
  return pagesIn === undefined || pagesOut === undefined ? undefined : { in: Number(pagesIn), out: Number(pagesOut) };
}

export function swapCollector(): Collector {
  const counters = new Counters<"in" | "out">();
  let pageSizeBytes: number | undefined;
  return {
    name: "swap",
    collect: ({ procfs, monotonicMs }) => {
      const { meminfo, vmstat } = readSwap(procfs);
      const pages = vmstat === undefined ? undefined : parseSwapped(vmstat);
      const rates = counters.ratesOf(new Map(pages ? [["swap", pages]] : []), monotonicMs).get("swap");
      pageSizeBytes ??= readPageSizeBytes(procfs);
      const bytes = (pagesPerSecond: number | undefined) =>
        pagesPerSecond === undefined || pageSizeBytes === undefined ? undefined : pagesPerSecond * pageSizeBytes;
      return {
        ...parseSwap(meminfo),
        swap_in_bytes_per_second: bytes(rates?.in),
        swap_out_bytes_per_second: bytes(rates?.out),
      };
    },
  };
}
