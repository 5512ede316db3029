import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../contract/insights.ts";
import { areNumbersSupported } from "./numbers.ts";

function evidence(words: string, more: Partial<Evidence> = {}): Evidence {
  const nothing = { subject: null, name: null, metric: null, value: null, from: null, to: null, incidentId: null };
  return { id: "e1", words, ...nothing, ...more };
}

const DISK = evidence("Disk /var of web-1 will be full in 3 d 4 h, give or take 8 h; it is 92 % full.", {
  subject: "i-1",
  name: "web-1",
  metric: "filesystem_used_ratio:/var",
  value: 0.9234,
  from: Date.UTC(2026, 10, 26, 14, 0),
  to: Date.UTC(2026, 10, 29, 18, 0),
});
const TRAFFIC = evidence("Outgoing traffic of db-2 was 12.3 MB/s in the mean, 1,234 GiB in all, $1,240.50 so far.", {
  name: "db-2",
  metric: "network_transmit_bytes_per_second",
  value: 12_345_678,
});

describe("numbers in a sentence", () => {
  it.each([
    "web-1's disk /var is 92 % full.",
    "web-1 is at 92.3 percent.",
    "web-1 is at 92.34%.",
    "It fills up in 3 d 4 h, give or take 8 hours.",
    "It fills up in 3 days and 4 hours.",
    "It fills up in about 3 days.",
    "It fills up in 76 hours.",
    "It fills up in 3d4h.",
    "It fills up on 29 Nov at 18:00 UTC.",
    "It fills up on November 29, 2026 at 6 pm.",
    "It fills up on Sunday, 2026-11-29.",
    "Full by the 29th of November.",
    "One disk will be full.",
    "The disk will be full soon.",
  ])("that the evidence has are fine: %s", (text) => {
    expect(areNumbersSupported(text, [DISK])).toBe(true);
  });

  it.each([
    "web-1's disk is 93 % full.",
    "web-1 is at 92.4 %.",
    "It fills up in 4 d 4 h.",
    "It fills up in 3 hours.",
    "It fills up on 30 Nov.",
    "It fills up at 18:30.",
    "It fills up on Tuesday.",
    "It fills up in 2027.",
    "Two disks will be full.",
    "It grew twice as fast.",
    "web-99 will be full.",
    "Its disk 10.0.0.7 is full.",
    "It costs $92.",
    "It uses 92 GB.",
  ])("that it does not have are not: %s", (text) => {
    expect(areNumbersSupported(text, [DISK])).toBe(false);
  });

  it.each([
    ["It sends 12.3 MB/s.", true],
    ["It sends 12 MB/s.", true],
    ["It sends 13 MB/s.", false],
    ["It sent 1,234 GiB.", true],
    ["It sent 1234 GB.", true],
    ["It cost $1,240.50.", true],
    ["It cost $1,241.", true],
    ["It cost $1,250.", false],
    ["db-2 is busy.", true],
    ["db-3 is busy.", false],
  ])("are read with their thousands, rates and money: %s", (text, isFine) => {
    expect(areNumbersSupported(text, [TRAFFIC])).toBe(isFine);
  });

  it("may say how many pieces of evidence there are", () => {
    const other = { ...DISK, id: "e2", subject: "i-2", name: "web-2" };
    expect(areNumbersSupported("Two disks will be full: web-1 and web-2.", [DISK, other])).toBe(true);
    expect(areNumbersSupported("3 disks will be full.", [DISK, other])).toBe(false);
  });

  it("need not repeat a unit", () => {
    const rise = evidence("Memory use rose from 45 % to 92 % within 30 min.");
    expect(areNumbersSupported("Memory rose from 45 to 92 % in half an hour.", [rise])).toBe(false);
    expect(areNumbersSupported("Memory rose from 45 to 92 % in 30 minutes.", [rise])).toBe(true);
    expect(areNumbersSupported("Memory rose by 45-92 %.", [rise])).toBe(true);
  });

  it("are not taken from digits in names", () => {
    const named = evidence("CPU use of node-42 was high.", { name: "node-42" });
    expect(areNumbersSupported("node-42 was busy.", [named])).toBe(true);
    expect(areNumbersSupported("It was busy for 42 minutes.", [named])).toBe(false);
    expect(areNumbersSupported("42 instances were busy.", [named])).toBe(false);
  });
});
