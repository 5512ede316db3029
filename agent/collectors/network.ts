import { Counters } from "../counters.ts";
import { verdictOn, type NameList } from "../name-list.ts";
import type { Procfs } from "../procfs.ts";
import { dimensionKey, sumOf, type Collected, type Collector } from "./collector.ts";

type Counter = "receivedBytes" | "receivedPackets" | "transmittedBytes" | "transmittedPackets" | "errors" | "drops";
/** Totals since the interface came up. */
export type InterfaceCounters = Record<Counter, number>;

/**
 * What carries no traffic of its own: loopback, and the inner ends of containers, guests and their bridges, whose traffic
 * passes a real interface as well.
 */
const INNER = /^(lo|ifb|dummy|docker|br-|veth|cali|cni|cilium|flannel|lxc|lxd|incus|vnet|virbr|tap|fwbr|fwpr|fwln)/;
/** Traffic in these travels once more, wrapped, through a real interface: shown, but not added to the whole. */
const TUNNEL = /^(tun|wg|tailscale|zt|ppp|ipsec|gre|sit|ip6tnl|tunl|vxlan|nebula|utun)/;
/** A machine of more real interfaces than this tells its whole and the first ones. */
const INTERFACES_MAX = 24;

export function readNetwork(procfs: Procfs): Map<string, InterfaceCounters> {
  return parseNetwork(procfs.need("/proc/net/dev"));
}

/** kernel: net/core/net-procfs.c. There may be no space after the colon: `eth0:123`. */
export function parseNetwork(text: string): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const line of text.split("\n")) {
    const colon = line.lastIndexOf(":");
    if (colon === -1) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (fields.length < 16 || fields.some((field) => !Number.isFinite(field))) continue;
    interfaces.set(line.slice(0, colon).trim(), {
      receivedBytes: fields[0]!,
      receivedPackets: fields[1]!,
      transmittedBytes: fields[8]!,
      transmittedPackets: fields[9]!,
      errors: fields[2]! + fields[10]!,
      drops: fields[3]! + fields[11]!,
    });
  }
  return interfaces;
}

/**
 * A bond, a bridge and a VLAN stand upon other interfaces that count the same bytes (kernel: Documentation/ABI/testing/
 * sysfs-class-net, `lower_<interface>`), so the members are counted and the upper one is not.
 */
function standsOnAnother(name: string, procfs: Procfs): boolean {
  const files = procfs.list(`/sys/class/net/${name}`);
  if (!files) return /^(bond|team|br)\d+$|\.\d+$/.test(name);
  return files.some((file) => file.startsWith("lower_") || file === "bonding" || file === "bridge");
}

function isTaken(name: string, counters: InterfaceCounters, nics: NameList, procfs: Procfs): boolean {
  const verdict = verdictOn(name, nics);
  if (verdict) return verdict === "take";
  return counters.receivedBytes + counters.transmittedBytes > 0 && !INNER.test(name) && !standsOnAnother(name, procfs);
}

export function networkCollector({ nics }: { nics: NameList }): Collector {
  const counters = new Counters<Counter>();
  return {
    name: "network",
    collect: ({ procfs, monotonicMs }) => {
      const taken = [...readNetwork(procfs)].filter(([name, now]) => isTaken(name, now, nics, procfs));
      const rates = counters.ratesOf(new Map(taken), monotonicMs);
      const collected: Collected = {};
      for (const [name] of taken.slice(0, INTERFACES_MAX)) {
        Object.assign(
          collected,
          keyed(rates.get(name), (metric) => dimensionKey(metric, name)),
        );
      }
      const outer = taken.filter(([name]) => !TUNNEL.test(name));
      const whole = outer.length > 0 ? outer : taken;
      const total = (counter: Counter) => sumOf(whole.map(([name]) => rates.get(name)?.[counter]));
      return {
        ...collected,
        network_receive_bytes_per_second: total("receivedBytes"),
        network_transmit_bytes_per_second: total("transmittedBytes"),
        network_receive_packets_per_second: total("receivedPackets"),
        network_transmit_packets_per_second: total("transmittedPackets"),
        network_errors_per_second: total("errors"),
        network_drops_per_second: total("drops"),
        network_received_bytes: sumOf(whole.map(([, now]) => now.receivedBytes)),
        network_transmitted_bytes: sumOf(whole.map(([, now]) => now.transmittedBytes)),
      };
    },
  };
}

const RATE_METRICS = {
  receivedBytes: "network_receive_bytes_per_second",
  transmittedBytes: "network_transmit_bytes_per_second",
  receivedPackets: "network_receive_packets_per_second",
  transmittedPackets: "network_transmit_packets_per_second",
  errors: "network_errors_per_second",
  drops: "network_drops_per_second",
} as const satisfies Record<Counter, string>;

function keyed(
  rates: Partial<InterfaceCounters> | undefined,
  keyOf: (metric: (typeof RATE_METRICS)[Counter]) => keyof Collected,
): Collected {
  const collected: Collected = {};
  for (const [counter, rate] of Object.entries(rates ?? {})) collected[keyOf(RATE_METRICS[counter as Counter])] = rate;
  return collected;
}
