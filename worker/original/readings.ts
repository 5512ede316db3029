import type { EpochMs } from "../../contract/units.ts";
import type { Tier } from "../../contract/series.ts";
import type { ApiContext } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { calling, shard } from "../live/shard-client.ts";
import type { Points } from "../series/block/points.ts";
import { packKey } from "../series/packed.ts";
import { readWindow } from "../series/query.ts";
import { readReach } from "../series/ring-store.ts";
import { TIER_SPECS } from "../series/tiers.ts";
import { checksOf, type Watched } from "./fleet.ts";
import type { NamedSeries } from "./names.ts";

const DAY_MS = 86_400_000;

/** What one instance has of one series within the window. */
export interface NamedPoints {
  instanceId: string;
  series: NamedSeries;
  at: readonly EpochMs[];
  points: Points;
}

export interface WindowWanted {
  tier: Extract<Tier, "raw" | "hour">;
  from: EpochMs;
  to: EpochMs;
}

/** Since when this tier has been kept. */
export async function keptSince(c: ApiContext, tier: WindowWanted["tier"], now: EpochMs): Promise<EpochMs> {
  const { rawDays, hourDays, since } = await readReach(database(c.env.DB));
  return Math.max(now - (tier === "raw" ? rawDays : hourDays) * DAY_MS, since[tier]);
}

/** Reads these series of these instances, and of the checks that speak for them. */
export async function readNamed(
  c: ApiContext,
  fleet: readonly Watched[],
  named: readonly NamedSeries[],
  { tier, from, to }: WindowWanted,
  now: EpochMs,
): Promise<NamedPoints[]> {
  if (fleet.length === 0 || from > to) return [];
  const db = database(c.env.DB);
  const ofChecks = named.some((series) => series.of === "check") ? checksOf(fleet) : [];
  const subjects = [...fleet.map(({ row }) => row.id), ...ofChecks];
  const keys = [...new Set(named.map(({ key }) => key))];
  // First what waits, then the blocks: a sample that is on its way from one to the other is in both, and counted once.
  const [reach, held] = await Promise.all([
    readReach(db),
    calling(async () => shard(c.env).held(subjects, keys.map(packKey))),
  ]);
  const asked = { instanceIds: subjects, keys, from, to };
  const { windows } = await readWindow(db, TIER_SPECS[tier], asked, held, reach, now);
  return fleet.flatMap(({ row: { id }, look }) =>
    named.flatMap((series) => {
      const window = windows.get(series.of === "instance" ? id : (look?.checkId ?? ""));
      if (!window) return [];
      return [{ instanceId: id, series, at: window.at, points: window.points[keys.indexOf(series.key)]! }];
    }),
  );
}
