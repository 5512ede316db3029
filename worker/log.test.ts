import { expect, it } from "vitest";
import { newSecret, newToken } from "./auth/secret.ts";
import { log, masked } from "./log.ts";
import { plant, secretsInLog } from "./testing/planted.ts";

it("a token in an error's words does not reach the log", () => {
  for (const kind of ["agent", "enrolment", "api"] as const) {
    const token = plant(newToken(kind));
    log({ event: "pack_failed", message: `cannot read ?token=${token}&x=1 or "${token}"` });
    expect(masked(`a ${token} b`)).toMatch(/^a ne[pea]_\*\*\*\* b$/);
  }
  const bearer = plant(newSecret());
  log({ event: "pack_failed", message: `authorization: Bearer ${bearer}` });
  expect(secretsInLog()).toEqual([]);
});

it("words that are no secret stay as they are", () => {
  const words = "The database did not take nep_ or the bearer of news; next_page_of_something_long stays";
  expect(masked(words.replace("bearer of", "carrier of"))).toBe(words.replace("bearer of", "carrier of"));
});
