import { z } from "zod";
import type { CloudStatus } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { DiscoveredInstance } from "./provider.ts";
import { tagsOf } from "./tags.ts";
import type { Catalogue } from "./vultr-catalogue.ts";

/** Vultr's "GB" of memory, of a virtual disk and of traffic: its plans of 1 TB of traffic say 1024. */
export const GB = 2 ** 30;

const text = z.string().catch("");
const count = z.int().nonnegative().nullable().catch(null);
const texts = z.array(z.string()).catch([]);

/** What both kinds say. Only what is named is kept: the console's address holds a token. */
const shared = {
  id: z.string().min(1),
  label: text,
  hostname: text,
  os: text,
  main_ip: text,
  v6_main_ip: text,
  region: z.string(),
  plan: text,
  date_created: text,
  status: text,
  tag: text,
  tags: texts,
};

/** An element of `GET /v2/instances`; older accounts lack some of it. */
export const instanceSchema = z.object({
  ...shared,
  ram: count,
  disk: count,
  vcpu_count: count,
  power_status: text,
  server_status: text,
  internal_ip: text,
  allowed_bandwidth: count,
});

/** An element of `GET /v2/bare-metals`: sizes are text, and nothing is said of power. */
export const bareMetalSchema = z.object({ ...shared, ram: text, disk: text, cpu_count: count });

/** A virtual machine in our words. */
export function instanceOf(said: z.output<typeof instanceSchema>, catalogue: Catalogue): DiscoveredInstance {
  const { ram, disk, allowed_bandwidth: allowed } = said;
  return {
    ...sharedFacts(said, catalogue),
    status: statusOf(said),
    statusText: [said.status, said.power_status, said.server_status].filter((word) => word !== "").join(", "),
    cpuCount: said.vcpu_count,
    memoryBytes: ram === null ? null : ram * 2 ** 20,
    diskBytes: disk === null ? null : disk * GB,
    privateAddresses: addressesOf(said.internal_ip),
    bandwidth: allowed === null ? null : { usedBytes: null, allowedBytes: allowed * GB },
  };
}

/** A machine of its own in our words. */
export function bareMetalOf(said: z.output<typeof bareMetalSchema>, catalogue: Catalogue): DiscoveredInstance {
  const [, megabytes] = /^(\d+) ?MB$/i.exec(said.ram) ?? [];
  const allowed = catalogue.plans.get(said.plan)?.bandwidthGb ?? null;
  return {
    ...sharedFacts(said, catalogue),
    status: said.status === "active" ? "running" : (STATUSES[said.status] ?? "unknown"),
    statusText: said.status,
    cpuCount: said.cpu_count,
    memoryBytes: megabytes === undefined ? null : Number(megabytes) * 2 ** 20,
    diskBytes: disksOf(said.disk),
    privateAddresses: [],
    bandwidth: allowed === null ? null : { usedBytes: null, allowedBytes: allowed * GB },
  };
}

function sharedFacts(said: z.output<z.ZodObject<typeof shared>>, { regionNames, plans }: Catalogue) {
  const amount = plans.get(said.plan)?.monthlyCost;
  return {
    id: said.id,
    name: said.label || said.hostname || said.id,
    impaired: null,
    region: said.region,
    regionName: regionNames.get(said.region) ?? null,
    zone: null,
    plan: said.plan || null,
    image: said.os || null,
    publicAddresses: addressesOf(said.main_ip, said.v6_main_ip),
    createdAt: momentOf(said.date_created),
    tags: tagsOf([...said.tags, said.tag]),
    monthlyCost: amount === undefined ? null : { amount, currency: "USD" },
  };
}

const STATUSES: Record<string, CloudStatus> = { pending: "starting", resizing: "starting", suspended: "suspended" };

function statusOf({ status, power_status, server_status }: z.output<typeof instanceSchema>): CloudStatus {
  if (status !== "active") return STATUSES[status] ?? "unknown";
  if (power_status === "stopped") return "stopped";
  if (power_status !== "running") return "unknown";
  return server_status === "installingbooting" ? "starting" : "running";
}

/** Until a machine has an address, Vultr gives it this one. */
function addressesOf(...addresses: string[]): string[] {
  return addresses.filter((address) => !["", "0.0.0.0", "::"].includes(address));
}

/** `2020-10-10T01:56:20+00:00`, or `2020-10-10 01:56:20`, which is UTC as well. */
function momentOf(date: string): EpochMs | null {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(date) ?? [];
  const at = Date.parse(day === undefined ? date : `${day}T${time}Z`);
  return Number.isNaN(at) ? null : at;
}

/** `2x 960GB SSD` or `240 GB SSD + 2x 1920 GB NVMe`; a disk's GB are the maker's, of 10^9 bytes. */
function disksOf(disk: string): number | null {
  const parts = disk.split("+").map((part) => /^\s*(?:(\d+)\s*x)?\s*(\d+(?:\.\d+)?)\s*(GB|TB)\b/i.exec(part));
  let bytes = 0;
  for (const part of parts) {
    if (!part) return null;
    const [, times = "1", size, unit] = part;
    bytes += Number(times) * Number(size) * (unit!.toUpperCase() === "TB" ? 1e12 : 1e9);
  }
  return Math.round(bytes);
}
