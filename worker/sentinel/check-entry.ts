import type { NewCheck, Target } from "../../contract/checks.ts";
import type { ApiContext } from "../auth/api.ts";
import { maySee } from "../auth/principal.ts";
import { withoutHeaders } from "../checks/new-check.ts";
import { headersPurpose } from "../checks/sealed-columns.ts";
import type { HealthCheckRow } from "../checks/table.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { findInstance } from "../instances/store.ts";
import { vaultOf } from "../vault/vault.ts";

/** What becomes of a check as it is entered. */

/** What only the fields together, or the database, can tell. */
export async function refuseUnfit(c: ApiContext, db: Database, { slowMs, badMs, instanceId }: NewCheck): Promise<void> {
  if (badMs < slowMs) {
    throw new NephosError("invalid_field", "badMs: must not be less than slowMs", {
      field: "badMs",
      remedy: "An answer is slow first, and very slow later.",
    });
  }
  if (instanceId === null) return;
  const instance = await findInstance(db, instanceId);
  if (instance && maySee(c.var.principal.person.tags, instance.tags)) return;
  throw new NephosError("invalid_field", "instanceId: there is no such instance", {
    field: "instanceId",
    remedy: "Choose one of the fleet, or leave it out.",
  });
}

/** Headers that were not sent again stay as they were; a target of another kind has none. */
export async function changedTarget(env: Env, row: HealthCheckRow, target: Target): Promise<Partial<HealthCheckRow>> {
  const open = { target: withoutHeaders(target) };
  if (target.kind !== "http") return { ...open, headers: null, headerNames: [] };
  if (target.headers === undefined) {
    // To another host they do not go: they may be what opens the first one's doors.
    const isSameHost = row.target.kind === "http" && new URL(row.target.url).host === new URL(target.url).host;
    return isSameHost ? open : { ...open, headers: null, headerNames: [] };
  }
  return {
    ...open,
    headers: await sealedHeaders(env, row.id, target),
    headerNames: target.headers.map(({ name }) => name),
  };
}

export async function sealedHeaders(env: Env, id: string, target: Target): Promise<string | null> {
  if (target.kind !== "http" || !target.headers?.length) return null;
  return vaultOf(env).seal(JSON.stringify(target.headers), headersPurpose(id));
}
