import { afterAll, beforeAll, expect, it } from "vitest";
import { Launched } from "../launched.ts";
import { reportOnce } from "../outside/original-agent.ts";
import { SignedIn } from "../owner.ts";

let nephos: Launched;
beforeAll(async () => {
  nephos = await Launched.start("--no-agent");
});
afterAll(() => nephos.end());

it("an original agent, given only its environment, reports and shows up", async () => {
  const owner = await SignedIn.by(nephos.link);
  const { secret } = await owner.newToken("original");
  const viewer = await owner.viewer();
  await viewer.next("snapshot");
  const said = await reportOnce({
    NEPHOS_ENDPOINT: `${nephos.url}/ingest/vultr?token=${secret}`,
    INSTANCE_ID: "cb676a46-66fd-4dfb-b839-443f2e6c0b60",
    INSTANCE_NAME: "legacy-1",
    VULTR_REGION: "ewr",
  });
  expect(said).toMatchObject({ metricsIngested: 12, instanceUpdated: true });
  const { instance } = await viewer.next("instance");
  expect(instance).toMatchObject({ id: "cb676a46-66fd-4dfb-b839-443f2e6c0b60", name: "legacy-1", region: "ewr" });
});
