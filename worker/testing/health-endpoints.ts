import { inject } from "vitest";
import type { Behaviour, HealthAddresses, Received } from "../../tests/outside/health-endpoints.ts";
import type { ProbeOrder } from "../checks/probe.ts";

/** Servers of this test's own, outside workerd. `localhost` is asked with `fetch`, `127.0.0.1` over a socket. */
export async function startHealthEndpoints() {
  const started = await fetch(`${inject("outside")}/health-endpoints`, { method: "POST" });
  const { url, ports } = await started.json<HealthAddresses>();
  const { port } = new URL(url);
  const at = (host: string) => (path: string) => `http://${host}:${port}${path}`;
  return {
    ports,
    byName: at("localhost"),
    byAddress: at("127.0.0.1"),
    /** Sets what a path does. */
    set: async (path: string, behaviour: Behaviour) => {
      await (
        await fetch(`${url}/__control`, { method: "POST", body: JSON.stringify({ path, behaviour }) })
      ).arrayBuffer();
    },
    received: async (path: string) => (await fetch(`${url}/__received?path=${path}`)).json<Received[]>(),
    openSockets: async () => (await fetch(`${url}/__open`)).json<number>(),
  };
}

/** An order with what a test does not care about. */
export function orderFor<Target extends ProbeOrder["target"]>(target: Target, timeoutMs = 2_000) {
  return { checkId: "check:1", target, timeoutMs, allowsPrivate: true };
}

/** For targets whose names are looked up by nobody. */
export const noResolver = () => Promise.resolve(undefined);
