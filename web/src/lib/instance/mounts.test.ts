import { expect, test } from "vitest";
import { mountsOf } from "./mounts.ts";

test("the fullest filesystem comes first, and what was not read stays unknown", () => {
  const mounts = mountsOf({
    "filesystem_used_ratio:/": 0.4,
    "filesystem_used_ratio:/var": 0.9,
    "filesystem_read_only:/": 1,
    filesystem_used_ratio: 0.9,
  });
  expect(mounts.map(({ path }) => path)).toEqual(["/var", "/"]);
  expect(mounts[1]).toMatchObject({ isReadOnly: true, totalBytes: undefined });
});
