import { Counters } from "../counters.ts";
import type { Procfs } from "../procfs.ts";
import type { Collected, Collector } from "./collector.ts";

/** What may be waited for; `irq` has only `full`, and the processor has no `full` before Linux 5.13. */
const RESOURCES = ["cpu", "memory", "io", "irq"] as const;
type Kind = "some" | "full";

export function readPressure(procfs: Procfs): Map<string, string> {
  const texts = new Map<string, string>();
  for (const resource of RESOURCES) {
    // Absent before Linux 4.20; ENOTSUP where the kernel was started with psi=0: both are no data, not a failure.
    const text = procfs.text(`/proc/pressure/${resource}`);
    if (text !== undefined) texts.set(resource, text);
  }
  return texts;
}

/**
 * Stalled microseconds since boot (kernel: Documentation/accounting/psi.rst). The difference of two totals is exact for any
 * interval; the kernel's own averages fit only 10, 60 and 300 seconds.
 */
export function parsePressure(text: string): { [K in Kind]?: number } {
  const totals: { [K in Kind]?: number } = {};
  for (const [, kind, total] of text.matchAll(/^(some|full) .*\btotal=(\d+)$/gm)) totals[kind as Kind] = Number(total);
  return totals;
}

export function pressureCollector(): Collector {
  const counters = new Counters<"total">();
  return {
    name: "pressure",
    collect: ({ procfs, monotonicMs }) => {
      const totals = new Map<string, { total: number }>();
      for (const [resource, text] of readPressure(procfs)) {
        for (const [kind, total] of Object.entries(parsePressure(text))) totals.set(`${resource}_${kind}`, { total });
      }
      const rates = counters.ratesOf(totals, monotonicMs);
      // Microseconds of stall per second; the two clocks differ by a hair, and a share cannot pass the whole.
      const share = (line: string) => {
        const rate = rates.get(line)?.total;
        return rate === undefined ? undefined : Math.min(1, rate / 1e6);
      };
      const collected: Collected = {
        pressure_cpu_some_ratio: share("cpu_some"),
        pressure_cpu_full_ratio: share("cpu_full"),
        pressure_memory_some_ratio: share("memory_some"),
        pressure_memory_full_ratio: share("memory_full"),
        pressure_io_some_ratio: share("io_some"),
        pressure_io_full_ratio: share("io_full"),
        pressure_irq_full_ratio: share("irq_full"),
      };
      return collected;
    },
  };
}
