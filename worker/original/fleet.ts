import type { EpochMs } from "../../contract/units.ts";
import type { ApiContext } from "../auth/api.ts";
import { maySee } from "../auth/principal.ts";
import { database } from "../db/client.ts";
import { findInstance, listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { calling, shard } from "../live/shard-client.ts";
import { looksAt, type Look } from "./looks.ts";

/** An instance somebody may see, with when its own voice was heard last and how it is looked at from outside. */
export interface Watched {
  row: InstanceRow;
  lastSampleAt: EpochMs | null;
  look: Look | undefined;
}

/** All that the person may see, by id: the order of every page. */
export async function watchedFleet(c: ApiContext): Promise<Watched[]> {
  const rows = await listInstances(database(c.env.DB));
  return watched(
    c,
    rows.sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
}

/** Undefined where it is not there, or not for this person. */
export async function watchedInstance(c: ApiContext, id: string): Promise<Watched | undefined> {
  const row = await findInstance(database(c.env.DB), id);
  return (await watched(c, row ? [row] : []))[0];
}

async function watched(c: ApiContext, rows: readonly InstanceRow[]): Promise<Watched[]> {
  const visible = rows.filter(({ tags }) => maySee(c.var.principal.person.tags, tags));
  if (visible.length === 0) return [];
  const ids = visible.map(({ id }) => id);
  const [heard, looks] = await Promise.all([
    calling(async () => shard(c.env).heard(ids)),
    looksAt(database(c.env.DB), ids),
  ]);
  const lastSampleAt = new Map(heard.map(({ id, lastSampleAt: at }) => [id, at]));
  return visible.map((row) => ({ row, lastSampleAt: lastSampleAt.get(row.id) ?? null, look: looks.get(row.id) }));
}

/** The checks that speak for these instances. */
export function checksOf(fleet: readonly Watched[]): string[] {
  return fleet.flatMap(({ look }) => look?.checkId ?? []);
}
