import { inject } from "vitest";
import type { ReceiverKind } from "../../tests/outside/channels/index.ts";
import type { ReceiverFault, ToldByReceiver } from "../../tests/outside/channels/receiver.ts";

/** Where a channel sends to, of this test's own, outside workerd: `break` switches a fault on, `told` looks at what came. */
export async function startReceiver(kind: ReceiverKind) {
  const started = await fetch(`${inject("outside")}/channel/${kind}`, { method: "POST" });
  const { url } = await started.json<{ url: string }>();
  const control = `${url}/__control`;
  const told = async () => (await fetch(control)).json<ToldByReceiver>();
  const breaks = async (fault: ReceiverFault | null) => {
    await (await fetch(control, { method: "POST", body: JSON.stringify(fault) })).arrayBuffer();
  };
  return { url, config: (await told()).config, told, break: breaks };
}
