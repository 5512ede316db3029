import type { ProviderKind } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { saveBandwidth } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import type { Found } from "../live/observed.ts";
import { PROVIDER_REGISTRY } from "../providers/index.ts";
import { ProviderProblem, type Provider } from "../providers/provider.ts";
import type { ProviderAccountRow } from "../providers/table.ts";
import { BANDWIDTH_EVERY_MS, BANDWIDTH_PER_TICK_MAX } from "../settings.ts";
import type { Discovery } from "./discovery.ts";
import type { Memory } from "./memory.ts";
import { BudgetSpent, type RequestBudget } from "./request-budget.ts";
import type { StepOutcome } from "./steps.ts";

/** What an instance's traffic is, where the provider tells it of each machine alone: some machines in each tick, in turn. */
export async function askBandwidth(
  { db, discovery, memory }: { db: Database; discovery: Discovery; memory: Memory },
  accounts: readonly ProviderAccountRow[],
  instances: readonly InstanceRow[],
  budget: RequestBudget,
  now: EpochMs,
  until: EpochMs,
): Promise<StepOutcome & { found: Found[] }> {
  const found: Found[] = [];
  let asked = 0;
  for (const account of accounts.filter(({ isPaused, problem }) => !isPaused && problem === null)) {
    const provider = PROVIDER_REGISTRY[account.kind] as Provider<ProviderKind>;
    if (!provider.bandwidth) continue;
    const due = instances.filter((row) => row.accountId === account.id && isDue(row, memory, now));
    if (due.length === 0) continue;
    const session = await discovery.session(account, budget, now);
    for (const row of due) {
      if (asked >= BANDWIDTH_PER_TICK_MAX || Date.now() > until) break;
      asked++;
      memory.instances.set(row.id, { ...memory.instances.get(row.id), bandwidthAskedAt: now });
      try {
        const told = await provider.bandwidth(session, row.accountInstanceId!);
        const bandwidth = { ...told, allowedBytes: told.allowedBytes ?? row.bandwidth?.allowedBytes ?? null, at: now };
        await saveBandwidth(db, row.id, bandwidth);
        found.push({ id: row.id, bandwidth });
      } catch (error) {
        if (error instanceof BudgetSpent) return { found };
        if (!(error instanceof ProviderProblem)) throw error;
        // One machine that cannot be told of is asked in its next turn; the list itself says whether the key is good.
      }
    }
  }
  return { found, ...(asked > 0 && { says: `${asked} instances` }) };
}

function isDue({ id, cloud }: InstanceRow, memory: Memory, now: EpochMs): boolean {
  const askedAt = memory.instances.get(id)?.bandwidthAskedAt ?? 0;
  return cloud?.goneAt === null && (now - askedAt >= BANDWIDTH_EVERY_MS || askedAt > now);
}
