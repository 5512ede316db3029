import type { ApiContext } from "../auth/api.ts";
import { maySee } from "../auth/principal.ts";
import { findCheck, listChecks } from "../checks/store.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findInstances } from "../instances/store.ts";

/** A check, and what its instance is called. */
export interface SeenCheck {
  row: HealthCheckRow;
  instanceName: string | null;
}

/** The checks that whoever asks may see: by their own tags, or by those of their instance. */
export async function visibleChecks(c: ApiContext, db: Database): Promise<SeenCheck[]> {
  return seen(c, db, await listChecks(db));
}

/** The check the address names; for who may not see it, it is not there. */
export async function visibleCheck(c: ApiContext, db: Database): Promise<SeenCheck> {
  const row = await findCheck(db, c.req.param("id")!);
  const [one] = row ? await seen(c, db, [row]) : [];
  if (one) return one;
  throw new NephosError("not_found", "There is no such check.", {
    field: "id",
    remedy: "It may have been deleted; the checks page lists what there is.",
  });
}

async function seen(c: ApiContext, db: Database, rows: readonly HealthCheckRow[]): Promise<SeenCheck[]> {
  const ids = [...new Set(rows.flatMap(({ instanceId }) => instanceId ?? []))];
  const instances = new Map(
    (ids.length > 0 ? await findInstances(db, ids) : []).map((instance) => [instance.id, instance]),
  );
  return rows.flatMap((row) => {
    const instance = row.instanceId === null ? undefined : instances.get(row.instanceId);
    const tags = [...row.tags, ...(instance?.tags ?? [])];
    return maySee(c.var.principal.person.tags, tags) ? [{ row, instanceName: instance?.name ?? null }] : [];
  });
}
