import { describe, expect, it } from "vitest";
import { fixture, readingsOf, textsAsProcfs, told } from "./fixture-for-tests.ts";
import { parsePressure, pressureCollector } from "./pressure.ts";

const line = (kind: string, total: number) => `${kind} avg10=0.00 avg60=0.00 avg300=0.00 total=${total}\n`;

describe("the pressure collector", () => {
  it("says nothing, and does not fail, on a kernel without it", async () => {
    const [first, second] = await readingsOf(pressureCollector(), fixture("linux-3.10"), fixture("linux-3.10"));
    expect(told(first)).toEqual({});
    expect(told(second)).toEqual({});
  });

  it("tells the share of time stalled between two readings", async () => {
    const at = (total: number) =>
      textsAsProcfs({
        "/proc/pressure/cpu": line("some", total),
        "/proc/pressure/io": line("some", total) + line("full", total / 2),
        "/proc/pressure/irq": line("full", total),
      });
    const [, second] = await readingsOf(pressureCollector(), at(0), at(500_000));
    expect(told(second)).toEqual({
      pressure_cpu_some_ratio: 0.5,
      pressure_io_some_ratio: 0.5,
      pressure_io_full_ratio: 0.25,
      pressure_irq_full_ratio: 0.5,
    });
  });

  it("never passes the whole", async () => {
    const at = (total: number) => textsAsProcfs({ "/proc/pressure/cpu": line("some", total) });
    const [, second] = await readingsOf(pressureCollector(), at(0), at(1_000_400));
    expect(second).toMatchObject({ pressure_cpu_some_ratio: 1 });
  });

  it.each(["", "some avg10=0.00", "garbage total=1"])("has no value for %j", (text) => {
    expect(parsePressure(text)).toEqual({});
  });
});
