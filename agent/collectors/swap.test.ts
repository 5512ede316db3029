import { describe, expect, it } from "vitest";
import { parsePageSize } from "./page-size.ts";
import { fixture, readingsOf, textsAsProcfs, told } from "./fixture-for-tests.ts";
import { parseSwap, swapCollector } from "./swap.ts";

const host = (pagesIn: number, pagesOut: number) =>
  textsAsProcfs({
    "/proc/meminfo": "SwapTotal: 1000 kB\nSwapFree: 250 kB\n",
    "/proc/vmstat": `nr_free_pages 1\npswpin ${pagesIn}\npswpout ${pagesOut}\n`,
  });

describe("the swap collector", () => {
  it("tells size, use and the share in use", () => {
    expect(parseSwap("SwapTotal: 1000 kB\nSwapFree: 250 kB\n")).toEqual({
      swap_total_bytes: 1_024_000,
      swap_used_bytes: 768_000,
      swap_used_ratio: 0.75,
    });
  });

  it("has no share in use where there is no swap", async () => {
    const [first] = await readingsOf(swapCollector(), fixture("linux-3.10"));
    expect(told(first)).toEqual({ swap_total_bytes: 0, swap_used_bytes: 0 });
  });

  it.runIf(process.arch === "x64")("counts what is swapped in pages of the machine's size", async () => {
    const [, second] = await readingsOf(swapCollector(), host(10, 0), host(12, 5));
    expect(second).toMatchObject({ swap_in_bytes_per_second: 8_192, swap_out_bytes_per_second: 20_480 });
  });

  it("finds the page size in the auxiliary vector", () => {
    const auxv = Buffer.alloc(48);
    [33, 7, 6, 65_536, 0, 0].forEach((word, index) => auxv.writeBigUInt64LE(BigInt(word), index * 8));
    expect(parsePageSize(auxv)).toBe(65_536);
    expect(parsePageSize(Buffer.alloc(0))).toBeUndefined();
  });
});
