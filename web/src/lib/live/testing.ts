import type { FleetInstance } from "../../../../contract/instance.ts";
import type { Cloud } from "../../../../contract/providers.ts";
import type { Judgement, Verdict } from "../../../../contract/verdict.ts";
import { emptyTail } from "./tail.ts";

/** An instance with an agent that spoke a second after the beginning of time, for tests. */
export const instanceOf = (id: string, over: Partial<FleetInstance> = {}): FleetInstance => ({
  id,
  name: id,
  region: "fra",
  type: null,
  hostname: null,
  os: null,
  kernel: null,
  arch: null,
  cpuModel: null,
  cpuCount: 2,
  memoryTotalBytes: null,
  bootAt: null,
  healthEndpoint: null,
  agentVersion: null,
  intervalMs: 30_000,
  clockOffsetMs: 0,
  tags: [],
  clonedAt: null,
  firstSeenAt: 0,
  lastSampleAt: 1_000,
  cloud: null,
  monthlyCostGiven: null,
  judgement: null,
  latest: { cpu_busy_ratio: 0.1 },
  tail: emptyTail(),
  ...over,
});

export const cloudOf = (over: Partial<Cloud> = {}): Cloud => ({
  accountId: "account-1",
  kind: "vultr",
  id: "cb676a46",
  name: "web-1",
  status: "running",
  statusText: "active, running",
  impaired: null,
  region: "fra",
  regionName: "Frankfurt, DE",
  zone: null,
  plan: "vc2-1c-1gb",
  image: "Ubuntu 24.04 x64",
  cpuCount: 1,
  memoryBytes: 2 ** 30,
  diskBytes: 25 * 2 ** 30,
  publicAddresses: ["192.0.2.1"],
  privateAddresses: [],
  createdAt: 0,
  tags: [],
  monthlyCost: { amount: 5, currency: "USD" },
  goneAt: null,
  ...over,
});

export const judgementOf = (verdict: Verdict, over: Partial<Judgement> = {}): Judgement => ({
  verdict,
  since: 0,
  reason: "it was said so",
  witnesses: [],
  ...over,
});
