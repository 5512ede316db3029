import { describe, expect, it } from "vitest";
import { spanInWords } from "./duration-words.ts";
import { valueInWords } from "./value-words.ts";

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

describe("how long", () => {
  it.each([
    [-5, "0 s"],
    [0, "0 s"],
    [0.2, "1 ms"],
    [450, "450 ms"],
    [40 * SECOND, "40 s"],
    [60 * SECOND, "1 min"],
    [119_999, "1 min 59 s"],
    [150 * SECOND, "2 min"],
    [2 * HOUR + 5 * MINUTE, "2 h 5 min"],
    [DAY - 1, "23 h 59 min"],
    [DAY, "1 day"],
    [27 * HOUR, "1 day 3 h"],
    [3 * DAY, "3 days"],
    [12 * DAY + 5 * HOUR, "12 days"],
    [400 * DAY, "400 days"],
  ])("%d ms is %s", (ms, words) => {
    expect(spanInWords(ms)).toBe(words);
  });
});

describe("how much", () => {
  it.each([
    ["cpu_busy_ratio", 0.93, "93 %"],
    ["cpu_busy_ratio", 0.9345, "93.5 %"],
    ["filesystem_used_ratio:/var", 0.99996, "99.9 %"],
    ["filesystem_used_ratio", 1, "100 %"],
    ["memory_used_bytes", 0, "0 B"],
    ["memory_used_bytes", 1_288_490_189, "1.2 GiB"],
    ["memory_used_bytes", 1_073_700_000, "1 GiB"],
    ["network_receive_bytes_per_second", 3_410_000, "3.4 MB/s"],
    ["disk_read_operations_per_second", 1_250, "1,250/s"],
    ["check_response_seconds", 0.041, "41 ms"],
    ["check_response_seconds", 0.9999, "1 s"],
    ["check_response_seconds", 1.44, "1.4 s"],
    ["certificate_left_seconds", 1_209_600, "14 days"],
    ["load_1m", 12.34, "12.3"],
    ["processes_total", 12_345, "12,345"],
    ["health_up", 0, "no"],
    ["health_up", 1, "yes"],
    ["queue_depth", -3.5, "-3.5"],
    ["queue_bytes", -2_000, "-2 KiB"],
    ["load_1m", Number.NaN, "unknown"],
  ])("%s %d is %s", (key, value, words) => {
    expect(valueInWords(key, value)).toBe(words);
  });
});
