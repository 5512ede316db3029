import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Verdict, Witness } from "../../contract/verdict.ts";
import type { ProviderWord, Signals } from "./instance-verdict.ts";
import { lasting } from "./words.ts";

const SAYS: Record<Verdict, Witness["says"]> = { up: "up", degraded: "slow", down: "down", unsure: "nothing" };

/** Everybody who was heard of an instance, also those who could not tell. */
export function instanceWitnesses(
  { provider, status, agent, silence, checks }: Signals,
  sample: { lastSampleAt: EpochMs; intervalMs: DurationMs } | null,
  now: EpochMs,
): Witness[] {
  const at = (moment: EpochMs) => Math.min(moment, now);
  const witnesses: Witness[] = checks.map(({ name, verdict, reason, kind, at: judgedAt }) => ({
    kind: kind === "heartbeat" ? "heartbeat" : "check",
    name,
    says: SAYS[verdict],
    words: reason,
    at: at(judgedAt),
  }));
  if (agent && sample)
    witnesses.push({
      kind: "agent",
      name: "agent",
      says: agent === "speaks" ? "up" : "down",
      words: agent === "speaks" ? "speaks" : silence,
      at: at(sample.lastSampleAt),
    });
  if (provider)
    witnesses.push({
      kind: "provider",
      name: provider.name,
      says: status === null ? "nothing" : providerSays(provider),
      words: providerWords(provider, now),
      at: at(provider.asOf),
    });
  return witnesses;
}

function providerSays({ status, impaired }: ProviderWord): Witness["says"] {
  if (status === "stopped" || status === "suspended") return "down";
  if (impaired !== null) return "slow";
  return status === "running" ? "up" : "nothing";
}

function providerWords({ statusText, impaired, asOf, isFresh }: ProviderWord, now: EpochMs): string {
  if (!isFresh) return `said ${statusText} ${lasting(now - asOf)} ago, and does not answer`;
  return impaired === null ? `says ${statusText}` : `says ${statusText}, impaired: ${impaired}`;
}
