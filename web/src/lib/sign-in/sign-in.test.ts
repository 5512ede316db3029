import { expect, test } from "vitest";
import { passkeyProblemInWords } from "./passkey-problem.ts";
import { problemInWords } from "./problem-in-words.ts";

test("a code from a provider's way back is told in words, an unknown one too", () => {
  expect(problemInWords(null)).toBeUndefined();
  expect(problemInWords("identity_provider_refused")).toContain("another way");
  expect(problemInWords("<script>")).toBe("Signing in did not work. Try again, or use another way.");
});

test("a closed window is no fault", () => {
  expect(passkeyProblemInWords(Object.assign(new Error(), { name: "NotAllowedError" }))).toBe(
    "No passkey was chosen, or it took too long.",
  );
  expect(passkeyProblemInWords(undefined)).toBe("This browser could not use a passkey here.");
});
