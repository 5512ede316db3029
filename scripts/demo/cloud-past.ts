import { setTimeout } from "node:timers/promises";
import type { ProviderKind } from "../../contract/providers.ts";
import { PROVIDERS } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../../worker/db/client.ts";
import { saveFound } from "../../worker/instances/found-store.ts";
import { reconcile } from "../../worker/instances/reconcile.ts";
import { listInstances } from "../../worker/instances/store.ts";
import { PROVIDER_REGISTRY } from "../../worker/providers/index.ts";
import type { DiscoveredInstance, Provider, Session } from "../../worker/providers/provider.ts";
import { asking } from "../../worker/providers/request.ts";
import type { ProviderAccountRow } from "../../worker/providers/table.ts";
import { credentialsOf, rentAsOf, type DemoClouds } from "./clouds.ts";
import type { DemoInstance } from "./fleet.ts";
import { momentsOfChange } from "./machines.ts";
import type { DemoCloud } from "./places.ts";

/**
 * What the sentinel would have noted had it listed these accounts whenever something changed there: the same comparison, at moments that
 * are past. Only where nothing is known of them yet.
 */
export async function fillCloudPast(
  db: Database,
  clouds: DemoClouds,
  accounts: readonly ProviderAccountRow[],
  fleet: readonly DemoInstance[],
  bornAt: EpochMs,
): Promise<void> {
  const known = await listInstances(db);
  if (known.some(({ accountId }) => accountId !== null)) return;
  const rows = new Map(known.map((row) => [row.id, row]));
  const memo = new Map<string, unknown>();
  for (const at of momentsOfChange(fleet, bornAt)) {
    rentAsOf(clouds, fleet, at, bornAt);
    for (const account of accounts) {
      const { id, kind } = account;
      // Traffic is that of this month: of the past nothing is told.
      const found = (await listOf(clouds, kind as DemoCloud, memo)).map((one) => ({ ...one, bandwidth: null }));
      const listed = { account: { id, kind }, found, takesFrom: new Set<string>(), unlistedRegions: new Set<string>() };
      const { changes } = reconcile([...rows.values()], { ...listed, missingBefore: new Set() }, at);
      await saveFound(db, changes);
      for (const { row } of changes) rows.set(row.id, row);
    }
  }
}

/** All that an account lists now. */
export async function listOf(
  clouds: DemoClouds,
  kind: DemoCloud,
  memo = new Map<string, unknown>(),
): Promise<DiscoveredInstance[]> {
  const provider = PROVIDER_REGISTRY[kind] as Provider<ProviderKind>;
  const session: Session<ProviderKind> = {
    credentials: credentialsOf(clouds[kind]),
    endpoint: clouds[kind].url,
    ask: asking({ name: PROVIDERS[kind], spend: () => {}, wait: (ms) => setTimeout(ms), random: Math.random }),
    now: Date.now(),
    memo,
  };
  const found: DiscoveredInstance[] = [];
  for (let from: string | null = null, isFirst = true; isFirst || from !== null; isFirst = false) {
    const page = await provider.page(session, from);
    found.push(...page.instances);
    from = page.next;
  }
  return found;
}
