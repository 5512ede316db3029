import { describe, expect, it } from "vitest";
import { instanceOf, instanceSchema } from "./gcp-instance.ts";

const ZONE = "https://www.googleapis.com/compute/v1/projects/p/zones/europe-west1-b";
const SAID = { id: "6218034751000000001", name: "vm-1", zone: ZONE, status: "RUNNING" };

const instance = (said: object) => instanceOf(instanceSchema.parse({ ...SAID, ...said }));

describe("an instance of Google Cloud", () => {
  it.each([
    ["PROVISIONING", "starting"],
    ["STAGING", "starting"],
    ["RUNNING", "running"],
    ["STOPPING", "stopping"],
    ["SUSPENDING", "stopping"],
    ["SUSPENDED", "suspended"],
    ["TERMINATED", "stopped"],
    ["REPAIRING", "unknown"],
    ["DREAMING", "unknown"],
  ])("that is %s is %s, in its own words too", (status, expected) => {
    expect(instance({ status })).toMatchObject({ status: expected, statusText: status });
    expect(instance({ status }).impaired !== null).toBe(status === "REPAIRING");
  });

  it("keeps an id of 64 bits, and takes no number for one", () => {
    expect(instance({}).id).toBe("6218034751000000001");
    expect(instanceSchema.safeParse({ ...SAID, id: JSON.parse("6218034751000000001") }).success).toBe(false);
  });

  it.each([
    ["europe-west1-b", "europe-west1", "St. Ghislain, Belgium"],
    ["us-central1-ai1a", "us-central1", "Council Bluffs, Iowa"],
    ["moon-north1-a", "moon-north1", null],
  ])("in the zone %s is in the region %s", (zone, region, regionName) => {
    expect(instance({ zone: ZONE.replace("europe-west1-b", zone) })).toMatchObject({ zone, region, regionName });
  });

  it.each([
    ["custom-4-8192", 4, 8 * 2 ** 30],
    ["n2-custom-2-16640-ext", 2, 16_640 * 2 ** 20],
    ["n2-standard-8", 8, null],
    ["c3-highmem-22-lssd", 22, null],
    ["e2-medium", null, null],
    ["a2-highgpu-1g", null, null],
  ])("of the type %s has as many processors and as much memory as the name says", (type, cpuCount, memoryBytes) => {
    const machineType = `${ZONE}/machineTypes/${type}`;
    expect(instance({ machineType })).toMatchObject({ plan: type, cpuCount, memoryBytes });
  });

  it("has the addresses of its interfaces, IPv4 first, each once", () => {
    const nic = { networkIP: "10.0.0.2", ipv6Address: "fd20::2", accessConfigs: [{ natIP: "34.1.2.3" }, {}] };
    const second = { networkIP: "10.1.0.2", ipv6AccessConfigs: [{ externalIpv6: "2600:1900::1" }] };
    expect(instance({ networkInterfaces: [nic, second, second] })).toMatchObject({
      publicAddresses: ["34.1.2.3", "2600:1900::1"],
      privateAddresses: ["10.0.0.2", "10.1.0.2", "fd20::2"],
    });
  });

  it("has its labels as tags, without those of Google", () => {
    const labels = { env: "prod", team: "a_team", "goog-gke-node": "", backup: "" };
    expect(instance({ labels }).tags).toEqual(["backup", "env:prod", "team:a_team"]);
  });

  it("says nothing of what it is not told", () => {
    expect(instance({ name: undefined, disks: [{}], creationTimestamp: "soon" })).toMatchObject({
      name: SAID.id,
      plan: null,
      image: null,
      diskBytes: null,
      createdAt: null,
      monthlyCost: null,
      publicAddresses: [],
    });
  });
});
