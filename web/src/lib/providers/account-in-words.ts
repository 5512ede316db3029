import type { ProviderAccount } from "../../../../contract/providers.ts";
import { formatAgo } from "../format/ago.ts";
import type { EpochMs } from "../../../../contract/units.ts";

export type AccountState = "well" | "waiting" | "paused" | "troubled";

export function stateOf({
  isPaused,
  problem,
  lastDiscoveredAt,
}: Pick<ProviderAccount, "isPaused" | "problem" | "lastDiscoveredAt">): AccountState {
  if (isPaused) return "paused";
  if (problem) return "troubled";
  return lastDiscoveredAt === null ? "waiting" : "well";
}

/** How fresh what is known of an account is. */
export function freshnessInWords(account: ProviderAccount, now: EpochMs): string {
  const { lastDiscoveredAt } = account;
  const listed = lastDiscoveredAt === null ? "Not listed yet" : `Listed ${formatAgo(lastDiscoveredAt, now)}`;
  return stateOf(account) === "paused" ? `Paused. ${listed}` : listed;
}

/** `1,488 of 1,500 running, 1,480 up`. */
export function countsInWords({ instances, running, healthy }: ProviderAccount): string {
  const count = (value: number) => value.toLocaleString("en");
  if (instances === 0) return "No instances";
  const all = instances === 1 ? "1 instance" : `${count(instances)} instances`;
  return `${all} · ${count(running)} running · ${count(healthy)} up`;
}
