import { pick } from "./noise.ts";

/** Where the demo rents: regions, plans and systems that the stand-ins of these clouds have on offer. */

export const DEMO_CLOUDS = ["vultr", "aws", "hetzner", "gcp"] as const;
export type DemoCloud = (typeof DEMO_CLOUDS)[number];

interface Place {
  /** What its account is called in Nephos. */
  account: string;
  /** The cloud's name of a region, and the short one that is in the names of machines. */
  regions: readonly (readonly [region: string, place: string])[];
  /** Databases get the last one. */
  plans: readonly (readonly [type: string, cpuCount: number, gigabytes: number])[];
  systems: readonly (readonly [os: string, kernel: string])[];
  /** Its machines' public addresses begin so: ranges that are kept for documentation. */
  network: string;
  /** How a tag is written there. */
  tag: string;
}

/** What their images are, and with which kernel. */
const DEBIAN = [
  ["Debian GNU/Linux 12 (bookworm)", "6.1.0-41-amd64"],
  ["Debian GNU/Linux 12 (bookworm)", "6.1.0-40-amd64"],
] as const;
const UBUNTU = ["Ubuntu 24.04.3 LTS", "6.8.0-88-generic"] as const;

export const PLACES: Record<DemoCloud, Place> = {
  vultr: {
    account: "Shop",
    regions: [
      ["ewr", "ewr"],
      ["ams", "ams"],
      ["sgp", "sgp"],
    ],
    plans: [
      ["vc2-1c-1gb", 1, 1],
      ["vc2-2c-4gb", 2, 4],
      ["vhf-1c-1gb", 1, 1],
      ["vbm-4c-32gb", 4, 32],
    ],
    systems: DEBIAN,
    network: "203.0.113",
    tag: "shop",
  },
  aws: {
    account: "Shop, Americas",
    regions: [
      ["us-east-1", "use1"],
      ["eu-central-1", "euc1"],
      ["ap-southeast-2", "aps2"],
    ],
    plans: [["c6i.xlarge", 4, 8]],
    systems: [UBUNTU, ["Rocky Linux 10.1 (Red Quartz)", "6.12.0-124.8.1.el10_1.x86_64"]],
    network: "198.51.100",
    tag: "team=shop",
  },
  hetzner: {
    account: "Build and staging",
    regions: [
      ["fsn1", "fsn1"],
      ["hel1", "hel1"],
      ["ash", "ash"],
    ],
    plans: [
      ["cpx11", 2, 2],
      ["cx22", 2, 4],
      ["ccx13", 2, 8],
    ],
    systems: DEBIAN,
    network: "192.0.2",
    tag: "team=platform",
  },
  gcp: {
    account: "Analytics",
    regions: [
      ["europe-west1", "euw1"],
      ["us-central1", "usc1"],
      ["asia-east1", "ase1"],
    ],
    plans: [
      ["e2-medium", 2, 4],
      ["custom-4-8192", 4, 8],
      ["n2-standard-4", 4, 16],
    ],
    systems: DEBIAN,
    network: "203.0.113",
    tag: "team=data",
  },
};

/** The system of the machine of this number: one without a hypervisor has its own image. */
export function systemOf(kind: DemoCloud, type: string, number: number): readonly [os: string, kernel: string] {
  const { systems } = PLACES[kind];
  return type.startsWith("vbm-") ? UBUNTU : systems[number % systems.length]!;
}

/** The id that the cloud gave its machine of this number, in the form it has there. */
export function cloudIdOf(kind: DemoCloud, number: number): string {
  const hex = (digits: number, channel: number) =>
    Array.from({ length: digits }, (_, at) => Math.floor(16 * pick(number, channel + at)).toString(16)).join("");
  switch (kind) {
    case "vultr":
      return `${hex(8, 100)}-${hex(4, 110)}-4${hex(3, 120)}-a${hex(3, 130)}-${hex(12, 140)}`;
    case "aws":
      return `i-0${hex(16, 200)}`;
    case "hetzner":
      // Even: of those its stand-in tells the traffic.
      return String(42_000_000 + 2 * number);
    case "gcp":
      return String(6_218_034_751_000_000_001n + BigInt(number));
  }
}
