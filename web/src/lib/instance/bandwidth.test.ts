import { expect, test } from "vitest";
import { bandwidthInWords, bandwidthRatio } from "./bandwidth.ts";

const TIB = 2 ** 40;

test("what is used is held against what is included", () => {
  const bandwidth = { usedBytes: TIB / 4, allowedBytes: TIB, at: 0 };
  expect(bandwidthRatio(bandwidth)).toBe(0.25);
  expect(bandwidthInWords(bandwidth)).toBe("256 GiB of 1 TiB included · 25 %");
});

test("what is not told is not taken for nothing", () => {
  expect(bandwidthRatio({ usedBytes: null, allowedBytes: TIB, at: 0 })).toBeUndefined();
  expect(bandwidthInWords({ usedBytes: null, allowedBytes: TIB, at: 0 })).toBe(
    "1 TiB included; what is used is not told",
  );
  expect(bandwidthInWords({ usedBytes: TIB, allowedBytes: null, at: 0 })).toBe("1 TiB used");
});

test("where nothing is included there is no share of it", () => {
  expect(bandwidthRatio({ usedBytes: TIB, allowedBytes: 0, at: 0 })).toBeUndefined();
  expect(bandwidthInWords({ usedBytes: TIB, allowedBytes: 0, at: 0 })).toBe("1 TiB of 0 B included");
});
