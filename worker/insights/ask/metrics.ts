import type { AskMetric } from "../../../contract/ask.ts";
import type { SeriesKey } from "../../../contract/metric.ts";

/** What can be asked about: how people call it, and the series it is. */
interface AskedMetric {
  words: RegExp;
  key: SeriesKey;
  /** `of what`: "the CPU use of web-1", "disks that will be full". */
  noun: string;
  /** Whose series it is. */
  of: "instance" | "check";
}

/** In the order in which they are looked for; what is found is taken out, so that a disk's activity is no disk. */
export const ASKED_METRICS: Record<AskMetric, AskedMetric> = {
  certificate: {
    words: /\b(certificates?|certs?|ssl|tls|https)\b/g,
    key: "certificate_left_seconds",
    noun: "the time a certificate is good for",
    of: "check",
  },
  bandwidth: {
    words: /\b(bandwidth|allowances?|quotas?|traffic limits?|transfer (quota|limit|allowance))\b/g,
    key: "bandwidth_used_bytes",
    noun: "the traffic of the billing period",
    of: "instance",
  },
  inodes: { words: /\binodes?\b/g, key: "filesystem_inodes_used_ratio", noun: "inode use", of: "instance" },
  disk_busy: {
    words:
      /\b(iops|io|i\/o|dis[kc]s? (is |are )?(io|i\/o|busy|load|activity|utili[sz]ation|throughput|usage time)|bus(y|iest) (dis[kc]|drive)s?)\b/g,
    key: "disk_util_ratio",
    noun: "disk activity",
    of: "instance",
  },
  disk: {
    words: /\b(dis[kc]s?|storages?|filesystems?|file systems?|drives?|volumes?|fullest|emptiest|space|how full)\b/g,
    key: "filesystem_used_ratio",
    noun: "disk use",
    of: "instance",
  },
  memory: {
    words: /\b(memory|ram|mem|swap|hungr(y|iest))\b/g,
    key: "memory_used_ratio",
    noun: "memory use",
    of: "instance",
  },
  load: { words: /\b(loads?|load average|loaded)\b/g, key: "load_5m", noun: "load", of: "instance" },
  cpu: {
    words: /\b(cpus?|processors?|compute|overload(ed)?|busy|busier|busiest|hottest|processing)\b/g,
    key: "cpu_busy_ratio",
    noun: "CPU use",
    of: "instance",
  },
  network_in: {
    words:
      /\b((incoming|inbound|received) ?(traffic|network|bytes|data)?|ingress|downloads?|(traffic|network) in|receiv(es?|ing))\b/g,
    key: "network_receive_bytes_per_second",
    noun: "incoming traffic",
    of: "instance",
  },
  network_out: {
    words:
      /\b((outgoing|outbound|sent|transmitted) ?(traffic|network|bytes|data)?|egress|uploads?|(traffic|network) out|sends?( out)?|transmits?)\b/g,
    key: "network_transmit_bytes_per_second",
    noun: "outgoing traffic",
    of: "instance",
  },
  response: {
    words:
      /\b(respon(se|ses|d|ds|ding)( times?)?|latency|latencies|slow(er|est)?|fast(er|est)?|quick(er|est)?|performance)\b/g,
    key: "check_response_seconds",
    noun: "response time",
    of: "check",
  },
};

const TRAFFIC = /\b(traffic|network|throughput|transfer(red)?|net)\b/g;

/** What of it is meant; of traffic both ways. */
export function metricsIn(text: string): AskMetric[] {
  let rest = text;
  const found: AskMetric[] = [];
  for (const [metric, { words }] of Object.entries(ASKED_METRICS)) {
    const left = rest.replace(words, " ");
    if (left !== rest) found.push(metric as AskMetric);
    rest = left;
  }
  const isTraffic = rest.replace(TRAFFIC, " ") !== rest;
  if (isTraffic && !found.some((one) => one.startsWith("network_"))) found.push("network_in", "network_out");
  return found;
}
