import { z } from "zod";
import type { CloudStatus } from "../../contract/providers.ts";
import { itemsOf } from "./aws-call.ts";
import { AWS_REGION_NAMES } from "./aws-regions.ts";
import type { DiscoveredInstance } from "./provider.ts";
import { tagsOfLabels } from "./tags.ts";

const text = z.string().catch("");
const whole = z.coerce.number().int();

/** An element of an `instancesSet`. Only what is named is kept. */
export const instanceSchema = z.object({
  instanceId: z.string().min(1),
  instanceState: z.object({ code: whole, name: text }),
  imageId: text,
  instanceType: text,
  privateDnsName: text,
  launchTime: text,
  privateIpAddress: text,
  ipAddress: text,
  placement: z.object({ availabilityZone: text }).catch({ availabilityZone: "" }),
  cpuOptions: z.object({ coreCount: whole, threadsPerCore: whole }).nullable().catch(null),
  tagSet: itemsOf(z.object({ key: z.string(), value: text })),
  networkInterfaceSet: itemsOf(
    z.object({
      ipv6AddressesSet: itemsOf(z.object({ ipv6Address: text })),
      privateIpAddressesSet: itemsOf(
        z.object({
          privateIpAddress: text,
          association: z.object({ publicIp: text }).catch({ publicIp: "" }),
        }),
      ),
    }),
  ),
});
type Said = z.output<typeof instanceSchema>;

/** Only the low byte is the state: the high one is AWS's own. */
const STATUSES: Record<number, CloudStatus> = {
  0: "starting",
  16: "running",
  32: "stopping",
  64: "stopping",
  80: "stopped",
};
const TERMINATED = 48;

/** It stays listed for an hour after its end. */
export function isGone({ instanceState }: Said): boolean {
  return (instanceState.code & 0xff) === TERMINATED;
}

/** A machine in our words. */
export function instanceOf(said: Said, region: string, impaired: string | null): DiscoveredInstance {
  const { cpuOptions, instanceState, tagSet } = said;
  const createdAt = Date.parse(said.launchTime);
  const given = tagSet.find(({ key }) => key === "Name")?.value.trim();
  return {
    id: said.instanceId,
    name: given || said.privateDnsName || said.instanceId,
    status: STATUSES[instanceState.code & 0xff] ?? "unknown",
    statusText: instanceState.name,
    impaired,
    region,
    regionName: AWS_REGION_NAMES[region] ?? null,
    zone: said.placement.availabilityZone || null,
    plan: said.instanceType || null,
    image: said.imageId || null,
    cpuCount: cpuOptions && cpuOptions.coreCount * cpuOptions.threadsPerCore,
    memoryBytes: null,
    diskBytes: null,
    ...addressesOf(said),
    createdAt: Number.isNaN(createdAt) ? null : createdAt,
    // AWS's own tags are long names of resources.
    tags: tagsOfLabels(
      tagSet.filter(({ key }) => key !== "Name" && !key.startsWith("aws:")).map(({ key, value }) => [key, value]),
    ),
    monthlyCost: null,
    bandwidth: null,
  };
}

function addressesOf({ ipAddress, privateIpAddress, networkInterfaceSet: interfaces }: Said) {
  const addresses = interfaces.flatMap(({ privateIpAddressesSet }) => privateIpAddressesSet);
  const ipv6 = interfaces.flatMap(({ ipv6AddressesSet }) => ipv6AddressesSet.map(({ ipv6Address }) => ipv6Address));
  return {
    publicAddresses: onceEach([ipAddress, ...addresses.map(({ association }) => association.publicIp), ...ipv6]),
    privateAddresses: onceEach([privateIpAddress, ...addresses.map((address) => address.privateIpAddress)]),
  };
}

function onceEach(addresses: string[]): string[] {
  return [...new Set(addresses)].filter((address) => address !== "");
}
