import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { ChannelConfigOf } from "../../../contract/channels.ts";
import { database } from "../../db/client.ts";
import { startReceiver } from "../../testing/receivers.ts";
import { vaultOf } from "../../vault/vault.ts";
import { messageOf } from "../channels.cases.ts";
import { joinSecrets } from "../config.ts";
import { surroundingsOf } from "../way-out.ts";
import { opsgenie } from "./opsgenie.ts";

const { signal } = new AbortController();
const way = surroundingsOf({ env, db: database(env.DB), vault: vaultOf(env), now: 0, signal, allowsPrivate: true });

async function told(...messages: ReturnType<typeof messageOf>[]) {
  const receiver = await startReceiver("opsgenie");
  const config = joinSecrets("opsgenie", receiver.config, null) as ChannelConfigOf<"opsgenie">;
  for (const message of messages) await opsgenie.send(message, config, way);
  const { received, complaints } = await receiver.told();
  expect(complaints).toEqual([]);
  return received.at(-1)!.body;
}

const warning = messageOf({ severity: "warning", subject: "[Warning] web-1 is slow" });

it("has an alert that is open become P1, with its new words, when its incident becomes critical", async () => {
  const worsened = messageOf({ kind: "worsened", severity: "critical", subject: "[Now critical] web-1 is slow" });
  expect(await told(warning)).toMatchObject({ priority: "P3" });
  expect(await told(warning, worsened)).toMatchObject({ priority: "P1", message: "[Now critical] web-1 is slow" });
});

it("has the alert of one that comes back, and whose end was not told, be what it is now", async () => {
  const again = messageOf({ kind: "reopened", severity: "critical", subject: "[Critical again] web-1 is slow" });
  expect(await told(warning, again)).toMatchObject({ priority: "P1", message: "[Critical again] web-1 is slow" });
});
