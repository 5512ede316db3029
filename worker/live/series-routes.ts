import { api, type ApiContext } from "../auth/api.ts";
import { maySee } from "../auth/principal.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { csvOf } from "../series/csv.ts";
import { downsample } from "../series/downsample.ts";
import { packKey } from "../series/packed.ts";
import { readWindow, tierFor, type WindowAsked } from "../series/query.ts";
import { readReach } from "../series/ring-store.ts";
import { EXPORT_ROWS_MAX, TICK_EVERY_MS } from "../settings.ts";
import { calling, shard } from "./shard-client.ts";
import { visibleCheck } from "./visible-checks.ts";

/** Windows of history. Here, not in their own room: the newest samples are still with the shard. */
export const seriesRoutes = api({
  "GET /api/instances/:id/series": async (c, { query }) => {
    const [instance] = await visible(c, [c.req.param("id")!]);
    const { tier, windows, blocksUnreadable } = await read(c, {
      ...query,
      instanceIds: [instance.id],
      keys: query.metrics,
    });
    const readAs = { tier, blocksUnreadable: blocksUnreadable.get(instance.id) ?? 0 };
    return downsample(windows.get(instance.id)!, query.points, instance.intervalMs, readAs);
  },

  "GET /api/checks/:id/series": async (c, { query }) => {
    const { row } = await visibleCheck(c, database(c.env.DB));
    const asked = { ...query, instanceIds: [row.id], keys: query.metrics };
    const { tier, windows, blocksUnreadable } = await read(c, asked);
    const readAs = { tier, blocksUnreadable: blocksUnreadable.get(row.id) ?? 0 };
    return downsample(windows.get(row.id)!, query.points, Math.max(row.intervalMs, TICK_EVERY_MS), readAs);
  },

  "GET /api/instances/:id/series.csv": async (c, { query }) => {
    const [instance] = await visible(c, [c.req.param("id")!]);
    const points = query.points ?? EXPORT_ROWS_MAX;
    // Without `points` the finest tier that reaches back so far, and every point of it.
    const asked = { ...query, points, instanceIds: [instance.id], keys: query.metrics };
    const { tier, windows } = await read(c, asked);
    const columns = downsample(windows.get(instance.id)!, points, instance.intervalMs, { tier, blocksUnreadable: 0 });
    return new Response(csvOf(columns, query.metrics), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="${fileName(instance.id, query.from, query.to)}"`,
      },
    });
  },

  "GET /api/series": async (c, { query }) => {
    // One that was removed meanwhile is no reason to show none.
    const instances = await visible(c, query.instances);
    const { tier, windows, blocksUnreadable } = await read(c, {
      ...query,
      instanceIds: instances.map(({ id }) => id),
      keys: query.metrics,
    });
    return {
      instances: Object.fromEntries(
        instances.map(({ id, intervalMs }) => {
          const readAs = { tier, blocksUnreadable: blocksUnreadable.get(id) ?? 0 };
          return [id, downsample(windows.get(id)!, query.points, intervalMs, readAs)];
        }),
      ),
    };
  },
});

async function read(c: ApiContext, asked: WindowAsked) {
  const db = database(c.env.DB);
  const now = Date.now();
  // First what waits, then the blocks: a sample that is on its way from one to the other is in both, and counted once.
  const [reach, held] = await Promise.all([
    readReach(db),
    calling(async () => shard(c.env).held([...asked.instanceIds], asked.keys.map(packKey))),
  ]);
  return readWindow(db, tierFor(asked, reach, now), asked, held, reach, now);
}

/** Those of these instances that are there, and may be seen; where none is, that is said. */
async function visible(c: ApiContext, ids: string[]): Promise<[InstanceRow, ...InstanceRow[]]> {
  const rows = await findInstances(database(c.env.DB), ids);
  const [first, ...more] = rows.filter(({ tags }) => maySee(c.var.principal.person.tags, tags));
  if (first) return [first, ...more];
  throw new NephosError("not_found", "There is no such instance.", {
    field: ids.length === 1 ? "id" : "instances",
    remedy: "It may have been removed; the fleet page lists what there is.",
  });
}

function fileName(id: string, from: number, to: number): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace(/[-:]/g, "");
  return `${id.replace(/[^\w.-]/g, "_")}-${day(from)}-${day(to)}.csv`;
}
