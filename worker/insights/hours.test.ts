import { describe, expect, it } from "vitest";
import { hoursOf, keepHours } from "./hours.ts";

const HOUR = 3_600_000;
const FROM = 1_795_600_800_000;
const series = (values: number[]) => ({ from: FROM, stepMs: HOUR, values: Float64Array.from(values) });

describe("hours that are kept between two looks", () => {
  it("come back as they were, gaps included, up to where they are settled, and later ones are unknown", () => {
    const hourly = new Map([
      ["cpu_busy_ratio", series([0.1, NaN, 0.30001, 0.4, 0.5])],
      ["network_receive_bytes_per_second", series([1e9, 2e9, 3e9, NaN, 5e9])],
    ]);
    const kept = keepHours(hourly, { since: FROM + HOUR, until: FROM + 4 * HOUR, readAt: FROM })!;
    const back = hoursOf(JSON.parse(JSON.stringify(kept)), { from: FROM - HOUR, stepMs: HOUR, length: 7 });
    const cpu = [...back.get("cpu_busy_ratio")!.values];
    expect(cpu.map((value) => (Number.isNaN(value) ? null : Number(value.toFixed(5))))).toEqual([
      null,
      null,
      null,
      0.30001,
      0.4,
      null,
      null,
    ]);
    expect(back.get("network_receive_bytes_per_second")!.values[3]).toBe(3e9);
  });

  it("are none where nothing is settled", () => {
    const hourly = new Map([["load_5m", series([1, 2])]]);
    expect(keepHours(hourly, { since: FROM, until: FROM, readAt: FROM })).toBeNull();
    expect(keepHours(new Map(), { since: FROM, until: FROM + HOUR, readAt: FROM })).toBeNull();
  });
});
