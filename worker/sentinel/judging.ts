import type { EpochMs } from "../../contract/units.ts";
import { PROVIDERS } from "../../contract/providers.ts";
import type { NewEvent, NewJudgement } from "../instances/store.ts";
import { saveJudgements } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { judgeInstance } from "../checks/instance-verdict.ts";
import { judgementAfter, sameJudgement } from "../checks/judgement.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import { accrue } from "../checks/uptime.ts";
import type { Database } from "../db/client.ts";
import type { Heard } from "../live/observed.ts";
import type { ProviderAccountRow } from "../providers/table.ts";
import { CLOUD_FRESH_MS, TICK_EVERY_MS } from "../settings.ts";
import type { Memory } from "./memory.ts";

/** Everybody who can say something of an instance. */
export interface Witnesses {
  instances: readonly InstanceRow[];
  accounts: readonly ProviderAccountRow[];
  checks: readonly HealthCheckRow[];
  heard: readonly Heard[];
}

/** Brings the witnesses of every instance together; answers the rows whose verdict changed, written down already. */
export async function judgeInstances(
  db: Database,
  memory: Memory,
  { instances, accounts, checks, heard }: Witnesses,
  now: EpochMs,
): Promise<Pick<InstanceRow, "id" | "judgement">[]> {
  const accountsById = new Map(accounts.map((account) => [account.id, account]));
  const checksOf = Map.groupBy(
    checks.filter(({ isPaused, judgement }) => !isPaused && judgement !== null),
    ({ instanceId }) => instanceId,
  );
  const heardOf = new Map(heard.map((one) => [one.id, one]));
  const changed: NewJudgement[] = [];
  for (const row of instances) {
    const account = row.accountId === null ? undefined : accountsById.get(row.accountId);
    const isGone = row.cloud?.goneAt != null;
    const found = judgeInstance(
      {
        provider: account && row.cloud && !isGone ? wordOf(row, account, now) : null,
        agent: agentWord(row.id, heardOf.get(row.id), memory),
        checks: isGone ? [] : (checksOf.get(row.id) ?? []).map((check) => testimony(check, memory, now)),
      },
      now,
    );
    const before = memory.instances.get(row.id);
    if (found || before?.uptime) {
      const uptime = accrue(before?.uptime ?? null, { at: now, verdict: found?.verdict ?? null }, TICK_EVERY_MS);
      memory.instances.set(row.id, { ...before, uptime });
    }
    if (sameJudgement(row.judgement, found)) continue;
    if (!found) {
      // Nobody is left who could say anything: what was found before is no news of today.
      changed.push({ instanceId: row.id, judgement: null, event: null });
      continue;
    }
    const judgement = judgementAfter(row.judgement, found, now);
    const event: NewEvent = {
      instanceId: row.id,
      at: now,
      kind: "verdict",
      what: judgement.reason,
      before: row.judgement?.verdict ?? null,
      after: judgement.verdict,
    };
    changed.push({ instanceId: row.id, judgement, event });
  }
  await saveJudgements(db, changed);
  return changed.map(({ instanceId, judgement }) => ({ id: instanceId, judgement }));
}

function wordOf({ cloud }: InstanceRow, { kind, lastDiscoveredAt }: ProviderAccountRow, now: EpochMs) {
  const { status, statusText, impaired } = cloud!;
  const asOf = lastDiscoveredAt ?? 0;
  return { name: PROVIDERS[kind], status, statusText, impaired, asOf, isFresh: now - asOf < CLOUD_FRESH_MS };
}

/** A shard that has begun again knows only what is in blocks: that is our silence, not the agent's. */
function agentWord(id: string, heard: Heard | undefined, memory: Memory) {
  const before = memory.instances.get(id);
  const lastSampleAt = Math.max(heard?.lastSampleAt ?? 0, before?.heardAt ?? 0);
  if (!heard || lastSampleAt === 0) return null;
  memory.instances.set(id, { ...before, heardAt: lastSampleAt });
  return { lastSampleAt, intervalMs: heard.intervalMs };
}

function testimony({ id, name, target, judgement }: HealthCheckRow, memory: Memory, now: EpochMs) {
  const { verdict, reason } = judgement!;
  const round = memory.checks.get(id);
  return {
    kind: target.kind,
    name,
    verdict,
    reason,
    reachesHost: round?.reachesHost ?? null,
    at: round?.lastRoundAt ?? now,
  };
}
