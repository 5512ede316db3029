import { describe, expect, it } from "vitest";
import { Counters, deltasOf } from "./counters.ts";

const reading = (bytes: number, packets = 0) => new Map([["eth0", { bytes, packets }]]);

describe("counters", () => {
  it("have no rate at the first reading", () => {
    expect(new Counters<"bytes" | "packets">().ratesOf(reading(100), 0).size).toBe(0);
  });

  it("are divided by the time that truly passed, not by the interval", () => {
    const counters = new Counters<"bytes" | "packets">();
    counters.ratesOf(reading(100), 1_000);
    expect(counters.ratesOf(reading(400), 5_000).get("eth0")).toEqual({ bytes: 75, packets: 0 });
  });

  it("have no rate when no time passed", () => {
    const counters = new Counters<"bytes" | "packets">();
    counters.ratesOf(reading(100), 1_000);
    expect(counters.ratesOf(reading(400), 1_000).size).toBe(0);
  });

  it("have no rate after a thing went away and came back", () => {
    const counters = new Counters<"bytes" | "packets">();
    counters.ratesOf(reading(100), 0);
    counters.ratesOf(new Map(), 1_000);
    expect(counters.ratesOf(reading(900), 2_000).size).toBe(0);
  });

  it.each([
    ["grew", { bytes: 10, packets: 1 }, { bytes: 30, packets: 4 }, { bytes: 20, packets: 3 }],
    ["stood still", { bytes: 10, packets: 1 }, { bytes: 10, packets: 1 }, { bytes: 0, packets: 0 }],
    ["wrapped at 32 bits", { bytes: 2 ** 32 - 100, packets: 1 }, { bytes: 50, packets: 4 }, { bytes: 150, packets: 3 }],
    ["were reset together", { bytes: 2 ** 32 - 100, packets: 900 }, { bytes: 50, packets: 4 }, {}],
    ["fell alone from a small value", { bytes: 900, packets: 1 }, { bytes: 50, packets: 4 }, { packets: 3 }],
    ["fell alone from beyond 32 bits", { bytes: 2 ** 40, packets: 1 }, { bytes: 50, packets: 4 }, { packets: 3 }],
  ])("that %s give that much or nothing", (_, before, now, deltas) => {
    expect(deltasOf(before, now)).toEqual(deltas);
  });
});
