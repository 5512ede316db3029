import { describe, expect, it } from "vitest";
import { sampleSchema } from "../contract/ingest.ts";
import { sampleOf } from "./sample.ts";

describe("a sample", () => {
  it("leaves out what the wire would refuse, and keeps the rest", () => {
    const sample = sampleOf(1, 2, {
      load_1m: 0.5,
      load_5m: undefined,
      load_15m: Number.NaN,
      cpu_busy_ratio: 1.01,
      cpu_user_ratio: -0.01,
      memory_used_bytes: Number.POSITIVE_INFINITY,
      'disk_util_ratio:"': 0.5,
    });
    expect(sample).toEqual({ seq: 1, at: 2, metrics: { load_1m: 0.5 } });
  });

  it("carries the digits its metrics are worth, and a custom metric as it is", () => {
    const collected = { cpu_busy_ratio: 0.0025075225677, uptime_seconds: 615.9600000001, memory_used_bytes: 2 ** 53 };
    expect(sampleOf(1, 2, { ...collected, drift: 1.23456789e-9 }).metrics).toEqual({
      cpu_busy_ratio: 0.00251,
      uptime_seconds: 615.96,
      memory_used_bytes: 2 ** 53,
      drift: 1.23456789e-9,
    });
  });

  it("of a machine with too many devices keeps the figures of the whole", () => {
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`disk_util_ratio:d${index}`, 0.5]));
    const sample = sampleOf(1, 2, { ...many, load_1m: 1 });
    expect(Object.keys(sample.metrics)).toHaveLength(500);
    expect(sample.metrics.load_1m).toBe(1);
    expect(sampleSchema.safeParse(sample).success).toBe(true);
  });
});
