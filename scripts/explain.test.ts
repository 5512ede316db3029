import { expect, test } from "vitest";
import { explain } from "./explain.mjs";

test.each([
  ["npm error code ENOTFOUND\nnpm error network request to https://packages.example/zod failed", "cannot be reached"],
  ["npm ERR! code EAI_AGAIN", "cannot be reached"],
  ["npm error connect ECONNREFUSED 127.0.0.1:4873", "cannot be reached"],
  ["npm error code ETIMEDOUT", "cannot be reached"],
  ["npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write\nnpm error code ECONNRESET", "disk is full"],
  ["npm error code EACCES\nnpm error syscall mkdir", "may not write"],
  ["npm error code EROFS", "read-only"],
  ["npm error code EINTEGRITY", "not the one"],
  ["npm error code SELF_SIGNED_CERT_IN_CHAIN", "not trusted"],
  ["npm error code E403\nnpm error 403 Forbidden", "refuses"],
  ["npm error code ETARGET", "lacks a package"],
  ["npm error code EUSAGE", "do not fit"],
  ["spawn npm ENOENT", "not installed"],
])("%j is told in words, with what to do", (text, words) => {
  const { message, remedy } = explain(text);
  expect(message).toContain(words);
  expect(remedy).not.toBe("");
});

test("what is not known is told with npm's own first line", () => {
  expect(explain("\nnpm error code EWHAT\nnpm error more").message).toBe("The installation failed: EWHAT");
  expect(explain("").message).toBe("The installation failed without a word.");
});
