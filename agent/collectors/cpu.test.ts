import { describe, expect, it } from "vitest";
import { cpuCollector, cpuShares, parseCpu, readCpu } from "./cpu.ts";
import { fixture, readingsOf, textsAsProcfs, told } from "./fixture-for-tests.ts";

const stat = (line: string) => textsAsProcfs({ "/proc/stat": `cpu  ${line}\n` });

describe("the cpu collector", () => {
  it("reads a whole /proc/stat", () => {
    expect(readCpu(fixture("debian-vm"))).toMatchObject({ iowait: expect.any(Number), steal: expect.any(Number) });
  });

  it("takes fields an old kernel does not have as never counted", () => {
    expect(readCpu(fixture("linux-3.10"))).toMatchObject({ user: 100, softirq: 2, steal: 0 });
  });

  it.each(["", "cpu0 1 2 3 4\n", "cpu  1 2\n", "cpu  a b c d\n"])("has no value for %j", (text) => {
    expect(parseCpu(text)).toBeUndefined();
  });

  it("does not count guest time twice: it is in user already", async () => {
    const [, second] = await readingsOf(cpuCollector(), stat("0 0 0 0 0 0 0 0 0 0"), stat("50 0 0 50 0 0 0 0 50 0"));
    expect(second).toMatchObject({ cpu_busy_ratio: 0.5, cpu_user_ratio: 0.5 });
  });

  it("shows stolen time apart from the guest being busy", async () => {
    const [, second] = await readingsOf(cpuCollector(), stat("0 0 0 0 0 0 0 0"), stat("20 0 10 40 10 0 0 20"));
    expect(told(second)).toEqual({
      cpu_busy_ratio: 0.3,
      cpu_user_ratio: 0.2,
      cpu_system_ratio: 0.1,
      cpu_iowait_ratio: 0.1,
      cpu_steal_ratio: 0.2,
    });
  });

  it("holds iowait that steps back, and does not count its way up again", async () => {
    const [, second, third] = await readingsOf(
      cpuCollector(),
      stat("0 0 0 0 100"),
      stat("50 0 0 50 60"),
      stat("100 0 0 100 100"),
    );
    expect(second).toMatchObject({ cpu_iowait_ratio: 0, cpu_busy_ratio: 0.5 });
    expect(third).toMatchObject({ cpu_iowait_ratio: 0, cpu_busy_ratio: 0.5 });
  });

  it("has no value when idle time falls by seconds, as when a processor is taken away", async () => {
    const [, second, third] = await readingsOf(
      cpuCollector(),
      stat("100 0 0 9000"),
      stat("150 0 0 4000"),
      stat("200 0 0 4050"),
    );
    expect(second).toEqual({});
    expect(third).toMatchObject({ cpu_busy_ratio: 0.5 });
  });

  it("has no value when no time passed", () => {
    const ticks = parseCpu("cpu  1 2 3 4 5 6 7 8\n")!;
    expect(cpuShares(ticks, ticks)).toEqual({});
  });
});
