import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { database } from "../db/client.ts";
import { SAMPLE_RETENTION_MS } from "../settings.ts";
import { envelope, fetchApp, Owner, post, storedSamples } from "../testing/people.ts";
import { runTick } from "./tick.ts";

it("a tick removes what is past its retention, keeps the rest, and is seen in health", async () => {
  const owner = await Owner.signedIn();
  const { secret } = await owner.newToken();
  const at = Date.now();
  const samples = [
    { seq: 1, at: at - 60_000, metrics: { load_1m: 1 } },
    { seq: 2, at, metrics: { load_1m: 2 } },
  ];
  await post(secret, envelope({ id: "old", samples }));
  const later = at + SAMPLE_RETENTION_MS - 30_000;
  await runTick(database(env.DB), later, () => later + 5);
  expect((await storedSamples("old")).map(({ seq }) => seq)).toEqual([2]);
  expect(await (await fetchApp("/api/health")).json()).toMatchObject({ lastTickAt: later + 5 });
});
