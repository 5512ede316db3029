import type { EpochMs } from "../../contract/units.ts";
import { listRules } from "../alerts/rule-store.ts";
import { canForetell, timeToFull } from "../alerts/trend.ts";
import type { Database } from "../db/client.ts";
import type { InstanceRow } from "../instances/table.ts";
import type { Forecast } from "../live/alerting.ts";
import { shard } from "../live/shard-client.ts";
import { packKey } from "../series/packed.ts";
import { readWindow, tierFor } from "../series/query.ts";
import { readReach } from "../series/ring-store.ts";
import { FORECAST_EVERY_MS, FORECAST_FROM_MS, FORECAST_POINTS, FORECASTS_PER_TICK_MAX } from "../settings.ts";
import type { Memory } from "./memory.ts";
import type { StepOutcome } from "./steps.ts";

/** How long until disks and memory are full, where a rule asks for it: some machines in each tick, those first that waited longest. */
export async function foretell(
  { env, db, memory }: { env: Env; db: Database; memory: Memory },
  instances: readonly InstanceRow[],
  now: EpochMs,
): Promise<StepOutcome> {
  const askedAt = ({ id }: InstanceRow) => memory.instances.get(id)?.foretoldAt ?? 0;
  const due = instances.filter(
    (row) => row.intervalMs > 0 && (now - askedAt(row) >= FORECAST_EVERY_MS || askedAt(row) > now),
  );
  if (due.length === 0) return {};
  const metrics = await metricsAsked(db);
  if (metrics.length === 0) return {};
  const turn = due.toSorted((a, b) => askedAt(a) - askedAt(b)).slice(0, FORECASTS_PER_TICK_MAX);
  const ids = turn.map(({ id }) => id);
  const noteAsked = (foretoldAt: EpochMs) => {
    for (const id of ids) memory.instances.set(id, { ...memory.instances.get(id), foretoldAt });
  };
  try {
    await tell(env, db, ids, metrics, now);
  } catch (error) {
    // Due again in the next tick, and behind all that are due by then: it may be these that it fails for.
    noteAsked(now - FORECAST_EVERY_MS);
    throw error;
  }
  noteAsked(now);
  return { says: turn.length === 1 ? "1 instance" : `${turn.length} instances` };
}

async function tell(env: Env, db: Database, ids: string[], metrics: readonly string[], now: EpochMs): Promise<void> {
  const asked = { instanceIds: ids, keys: metrics, from: now - FORECAST_FROM_MS, to: now, points: FORECAST_POINTS };
  const [reach, held] = await Promise.all([readReach(db), shard(env).held(ids, metrics.map(packKey))]);
  const { windows } = await readWindow(db, tierFor(asked, reach, now), asked, held, reach, now);
  const forecasts = ids.flatMap((subject) => {
    const { at, points: series } = windows.get(subject)!;
    return metrics.flatMap((metric, column): Forecast[] => {
      const { mean } = series[column]!;
      const points = at.flatMap((time, index) => {
        const value = mean[index] ?? null;
        return value === null ? [] : [{ at: time, value }];
      });
      // Where nobody can tell, what was foretold before is not taken back.
      return canForetell(points, now) ? [{ subject, metric, inMs: timeToFull(points, now)?.inMs ?? null }] : [];
    });
  });
  if (forecasts.length > 0) await shard(env).forecast(forecasts, now);
}

async function metricsAsked(db: Database): Promise<string[]> {
  const rules = await listRules(db);
  const metrics = rules.flatMap(({ isEnabled, condition }) =>
    isEnabled && condition.kind === "forecast" ? [condition.metric] : [],
  );
  return [...new Set(metrics)];
}
