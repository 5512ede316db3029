import type { DiscoveryReport } from "../../../../contract/providers.ts";
import { formatSeconds } from "../format/duration.ts";

const instances = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "instance" : "instances"}`;

/** `Found 1,500 instances in 2.1 s`: what takes seconds is not told to the millisecond. */
export function foundInWords({ found, tookMs }: Pick<DiscoveryReport, "found" | "tookMs">): string {
  const seconds = tookMs < 1_000 ? tookMs / 1000 : Math.round(tookMs / 100) / 10;
  return `Found ${found === 0 ? "no instances" : instances(found)} in ${formatSeconds(seconds)}`;
}

/** What changed since the list was read before: `3 new, 2 changed, 1 gone`; undefined where nothing did. */
export function newsInWords({ added, changed, gone }: DiscoveryReport): string | undefined {
  const parts = [
    [added, "new"],
    [changed, "changed"],
    [gone, "gone"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count.toLocaleString("en")} ${word}`);
  return told.length === 0 ? undefined : told.join(", ");
}

/** All of it in one line. */
export function discoveryInWords(report: DiscoveryReport): string {
  const news = newsInWords(report) ?? "nothing new";
  return `${report.account.name}: ${foundInWords(report).replace("Found", "found")}, ${news}${report.isPartial ? ". More is being listed" : ""}.`;
}

/** What stays and what goes with an account, before it is removed. */
export function removalInWords(withAgent: number, others: number): string {
  const staying =
    withAgent === 0
      ? ""
      : `${instances(withAgent)} with an agent ${withAgent === 1 ? "stays" : "stay"}, with all history. `;
  const going =
    others === 0
      ? ""
      : `${instances(others)} without one ${others === 1 ? "goes" : "go"}, with checks and history, for good. `;
  return `Its key is forgotten here; at the provider nothing changes. ${staying}${going}`.trim();
}
