import { expect, test } from "vitest";
import { bound } from "./bound.ts";

test.each([
  ["57 % on average", "57\u00a0% on average"],
  ["in 3 d 4 h ± 8 h", "in 3\u00a0d 4\u00a0h ± 8\u00a0h"],
  ["4.19 MB/s, 2 GiB", "4.19\u00a0MB/s, 2\u00a0GiB"],
  ["24 Nov, 3 instances, 2 down", "24 Nov, 3 instances, 2 down"],
])("%s: no line ends before a unit, and any other may", (text, kept) => expect(bound(text)).toBe(kept));
