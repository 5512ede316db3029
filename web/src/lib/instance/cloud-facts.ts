import type { Instance } from "../../../../contract/instance.ts";
import type { Cloud } from "../../../../contract/providers.ts";
import { PROVIDERS } from "../../../../contract/provider-kinds.ts";
import { formatBytes } from "../format/bytes.ts";
import { formatMoment } from "../format/day.ts";
import { formatMoney } from "../format/money.ts";
import type { Fact } from "./facts.ts";

/** Where it runs, in a few letters: `Vultr · fra`. */
export function placeOf({ cloud, region }: Pick<Instance, "cloud" | "region">): string {
  return [cloud && PROVIDERS[cloud.kind], region].filter(Boolean).join(" · ");
}

/** The address it is known by: a public one before a private one, IPv4 before IPv6. */
export function mainAddressOf({ cloud }: Pick<Instance, "cloud">): string | undefined {
  return cloud?.publicAddresses[0] ?? cloud?.privateAddresses[0];
}

/** What was bought: `vc2-1c-1gb`. */
export function planOf({ cloud, type }: Pick<Instance, "cloud" | "type">): string | null {
  return cloud?.plan ?? type;
}

/** The size behind the plan's name: `1 CPU, 1 GiB, 25 GiB disk`; undefined where the provider tells none of it. */
export function sizeInWords({
  cpuCount,
  memoryBytes,
  diskBytes,
}: Pick<Cloud, "cpuCount" | "memoryBytes" | "diskBytes">): string | undefined {
  const parts = [
    cpuCount === null ? "" : `${cpuCount} ${cpuCount === 1 ? "CPU" : "CPUs"}`,
    memoryBytes === null ? "" : formatBytes(memoryBytes),
    diskBytes === null ? "" : `${formatBytes(diskBytes)} disk`,
  ].filter(Boolean);
  return parts.length === 0 ? undefined : parts.join(", ");
}

const STATUS_WORDS: Record<Cloud["status"], string> = {
  running: "Running",
  stopped: "Stopped",
  starting: "Starting",
  stopping: "Stopping",
  suspended: "Suspended",
  unknown: "Not told",
};

/** What a provider tells of a machine, in the order it is asked for. What it does not tell is left out, not dashed. */
export function cloudFactsOf(cloud: Cloud, name: string): Fact[] {
  const status = STATUS_WORDS[cloud.status];
  const said = cloud.statusText.toLowerCase() === status.toLowerCase() ? null : cloud.statusText;
  const cost = cloud.monthlyCost && `${formatMoney(cloud.monthlyCost)} per month`;
  const facts: [label: string, value: string | null, detail?: string | null | undefined][] = [
    ["Status", status, said],
    ["Region", cloud.regionName ?? cloud.region, cloud.regionName ? cloud.region : null],
    ["Plan", cloud.plan],
    ["Size", sizeInWords(cloud) ?? null],
    ["Cost", cost],
    ["Zone", cloud.zone],
    ["Image", cloud.image],
    ["Created", cloud.createdAt === null ? null : formatMoment(cloud.createdAt)],
    ["Name there", cloud.name === name ? null : cloud.name],
  ];
  return facts.flatMap(([label, value, detail]) => (value ? [{ label, value, ...(detail ? { detail } : {}) }] : []));
}
