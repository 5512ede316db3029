import { z } from "zod";
import type { CloudStatus } from "../../contract/providers.ts";
import { GCP_REGION_NAMES } from "./gcp-regions.ts";
import type { DiscoveredInstance } from "./provider.ts";
import { tagsOfLabels } from "./tags.ts";

const text = z.string().catch("");

/** What is asked for of each instance: metadata, where start scripts and passwords are, does not even travel. */
export const INSTANCE_FIELDS =
  "id,name,status,zone,machineType,creationTimestamp,labels,disks(boot,diskSizeGb,licenses),networkInterfaces(networkIP,ipv6Address,accessConfigs/natIP,ipv6AccessConfigs/externalIpv6)";

/** An instance of the aggregated list. Its id has 64 bits and is text: as a number it would be another one. */
export const instanceSchema = z.object({
  id: z.string().regex(/^\d+$/),
  name: text,
  status: text,
  zone: z.string().min(1),
  machineType: text,
  creationTimestamp: text,
  labels: z.record(z.string(), z.string()).catch({}),
  disks: z
    .array(
      z.object({
        boot: z.boolean().catch(false),
        diskSizeGb: z.coerce.number().int().positive(),
        licenses: z.array(z.string()).catch([]),
      }),
    )
    .catch([]),
  networkInterfaces: z
    .array(
      z.object({
        networkIP: text,
        ipv6Address: text,
        accessConfigs: z.array(z.object({ natIP: text })).catch([]),
        ipv6AccessConfigs: z.array(z.object({ externalIpv6: text })).catch([]),
      }),
    )
    .catch([]),
});
type Said = z.output<typeof instanceSchema>;

const STATUSES: Record<string, CloudStatus> = {
  PENDING: "starting",
  PROVISIONING: "starting",
  STAGING: "starting",
  RUNNING: "running",
  PENDING_STOP: "stopping",
  STOPPING: "stopping",
  DEPROVISIONING: "stopping",
  SUSPENDING: "stopping",
  SUSPENDED: "suspended",
  STOPPED: "stopped",
  TERMINATED: "stopped",
};

/** A machine in our words. */
export function instanceOf(said: Said): DiscoveredInstance {
  const zone = lastSegment(said.zone);
  const region = regionOf(zone);
  const plan = lastSegment(said.machineType);
  const createdAt = Date.parse(said.creationTimestamp);
  const [license = ""] = said.disks.find(({ boot }) => boot)?.licenses ?? [];
  const diskGb = said.disks.reduce((sum, { diskSizeGb }) => sum + diskSizeGb, 0);
  return {
    id: said.id,
    name: said.name || said.id,
    status: STATUSES[said.status] ?? "unknown",
    statusText: said.status,
    impaired: said.status === "REPAIRING" ? "Google Cloud met an error with it, and repairs it" : null,
    region,
    regionName: GCP_REGION_NAMES[region] ?? null,
    zone,
    plan: plan || null,
    // It names no image, but what the first disk is licensed as, which is the system on it.
    image: lastSegment(license) || null,
    ...sizeOf(plan),
    diskBytes: diskGb === 0 ? null : diskGb * 2 ** 30,
    ...addressesOf(said),
    createdAt: Number.isNaN(createdAt) ? null : createdAt,
    // Google's own are marks of its services.
    tags: tagsOfLabels(Object.entries(said.labels).filter(([key]) => !key.startsWith("goog-"))),
    monthlyCost: null,
    bandwidth: null,
  };
}

/** Zones and machine types are addresses, of which the last part is the name. */
export function lastSegment(address: string): string {
  return address.slice(address.lastIndexOf("/") + 1);
}

/** `europe-west1-b` is in `europe-west1`, and `us-central1-ai1a` in `us-central1`. */
export function regionOf(zone: string): string {
  return zone.replace(/-(?:[a-z]+\d+)?[a-z]$/, "");
}

/** As far as the name of a machine type says it: `custom-4-8192` has the MB in it, `n2-standard-4` the processors only. */
function sizeOf(plan: string): Pick<DiscoveredInstance, "cpuCount" | "memoryBytes"> {
  const [, ownCpus, megabytes] = /^(?:[a-z]\w*-)?custom-(\d+)-(\d+)(?:-ext)?$/.exec(plan) ?? [];
  if (megabytes !== undefined) return { cpuCount: Number(ownCpus), memoryBytes: Number(megabytes) * 2 ** 20 };
  const [, cpus] = /^[a-z]\w*-(?:standard|highmem|highcpu)-(\d+)(?:-lssd)?$/.exec(plan) ?? [];
  return { cpuCount: cpus === undefined ? null : Number(cpus), memoryBytes: null };
}

function addressesOf({ networkInterfaces: all }: Said) {
  const publicAddresses = onceEach([
    ...all.flatMap(({ accessConfigs }) => accessConfigs.map(({ natIP }) => natIP)),
    ...all.flatMap(({ ipv6AccessConfigs }) => ipv6AccessConfigs.map(({ externalIpv6 }) => externalIpv6)),
  ]);
  const inside = onceEach([...all.map(({ networkIP }) => networkIP), ...all.map(({ ipv6Address }) => ipv6Address)]);
  return { publicAddresses, privateAddresses: inside.filter((address) => !publicAddresses.includes(address)) };
}

function onceEach(addresses: string[]): string[] {
  return [...new Set(addresses)].filter((address) => address !== "");
}
