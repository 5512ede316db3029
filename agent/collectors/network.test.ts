import { describe, expect, it } from "vitest";
import { EVERY_NAME, parseNameList } from "../name-list.ts";
import { fixture, readingsOf, textsAsProcfs, told } from "./fixture-for-tests.ts";
import { networkCollector, parseNetwork } from "./network.ts";

const everyNic = () => networkCollector({ nics: EVERY_NAME });

describe("the network collector", () => {
  it("reads a line without a space after the colon", () => {
    expect([...parseNetwork("eth0:1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n")]).toEqual([
      [
        "eth0",
        { receivedBytes: 1, receivedPackets: 2, transmittedBytes: 5, transmittedPackets: 6, errors: 10, drops: 12 },
      ],
    ]);
  });

  it("counts members of a bond, and not the bond, bridge or VLAN that stands on them", async () => {
    const [first] = await readingsOf(everyNic(), fixture("raid-and-bond"));
    // eth0 and eth1; wg0 travels through them once more.
    expect(told(first)).toEqual({ network_received_bytes: 4_000, network_transmitted_bytes: 6_000 });
  });

  it("shows tunnels by themselves", async () => {
    const [, second] = await readingsOf(everyNic(), fixture("raid-and-bond"), fixture("raid-and-bond"));
    const shown = Object.keys(told(second)).filter((key) => key.startsWith("network_receive_bytes_per_second:"));
    expect(shown.map((key) => key.split(":")[1])).toEqual(["eth0", "eth1", "wg0"]);
  });

  it("takes only what the operator names, even what it would leave out", async () => {
    const nics = parseNameList("docker*,eth1,-docker9");
    const [first] = await readingsOf(networkCollector({ nics }), fixture("raid-and-bond"));
    expect(told(first)).toMatchObject({ network_received_bytes: 3_070 });
  });

  it("has rates from the second reading, also over a wrap at 32 bits", async () => {
    const at = (bytes: number, packets: number) =>
      textsAsProcfs({ "/proc/net/dev": `eth0: ${bytes} ${packets} 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n` });
    const [first, second] = await readingsOf(everyNic(), at(2 ** 32 - 1_000, 5), at(500, 7));
    expect(told(first)).not.toHaveProperty("network_receive_bytes_per_second");
    expect(second).toMatchObject({
      network_receive_bytes_per_second: 1_500,
      "network_receive_bytes_per_second:eth0": 1_500,
      "network_receive_packets_per_second:eth0": 2,
    });
  });

  it("tells of no traffic at all as nothing, not as zero", async () => {
    const [first] = await readingsOf(everyNic(), textsAsProcfs({ "/proc/net/dev": "" }));
    expect(told(first)).toEqual({});
  });
});
