import type { TestProject } from "vitest/node";
import type { ProviderKind } from "../../contract/provider-kinds.ts";
import { RECEIVERS, type ReceiverKind } from "./channels/index.ts";
import { DigitalOcean } from "./digitalocean.ts";
import { Ec2 } from "./ec2.ts";
import { Gcp } from "./gcp.ts";
import { HealthEndpoints } from "./health-endpoints.ts";
import { Hetzner } from "./hetzner.ts";
import { Listening } from "./listening.ts";
import { Vultr } from "./vultr.ts";

interface Startable {
  start(count: number, seed: number): Promise<{ url: string; stop(): Promise<void> }>;
}

/** By the kind of the contract. */
const CLOUDS: Record<ProviderKind, Startable> = {
  vultr: Vultr,
  aws: Ec2,
  gcp: Gcp,
  digitalocean: DigitalOcean,
  hetzner: Hetzner,
};

/** Which cloud a test wants, with how many machines. */
export interface Wanted {
  kind: ProviderKind;
  count: number;
  seed: number;
}

declare module "vitest" {
  interface ProvidedContext {
    outside: string;
  }
}

/**
 * For tests that run in workerd and can start no server themselves: `POST` what is wanted here, and a cloud of one's own starts, or
 * servers to look at, what channels send to, or a Snowflake account, so that no test meets the faults of another. They all end with the run.
 */
export async function startOutside(): Promise<{ url: string; stop(): Promise<void> }> {
  const started: { stop(): Promise<void> }[] = [];
  const door = await Listening.start(async (request, response) => {
    if (request.url === "/health-endpoints") {
      const endpoints = await HealthEndpoints.start();
      started.push(endpoints);
      return void response.end(JSON.stringify(endpoints.addresses));
    }
    if (request.url?.startsWith("/channel/")) {
      const receiver = await RECEIVERS[request.url.slice("/channel/".length) as ReceiverKind].start();
      started.push(receiver);
      return void response.end(JSON.stringify({ url: receiver.url }));
    }
    if (request.url === "/snowflake") {
      // Read when it is wanted: its engine is large.
      const { Snowflake } = await import("./snowflake/snowflake.ts");
      const snowflake = await Snowflake.start(JSON.parse((await request.toArray()).join("") || "{}"));
      started.push(snowflake);
      return void response.end(JSON.stringify({ url: snowflake.url }));
    }
    const { kind, count, seed } = JSON.parse((await request.toArray()).join("")) as Wanted;
    const cloud = await CLOUDS[kind].start(count, seed);
    started.push(cloud);
    response.end(JSON.stringify({ url: cloud.url }));
  });
  return {
    url: door.url,
    stop: async () => {
      await Promise.all([door, ...started].map((server) => server.stop()));
    },
  };
}

/** Called by Vitest, in Node, around the tests of a project. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await startOutside();
  provide("outside", url);
  return stop;
}
