import type { Incident } from "../../contract/incidents.ts";
import { findIncidents, findSeen } from "../alerts/incident-queries.ts";
import { recordDone } from "../audit/record.ts";
import type { ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import type { IncidentAction } from "./alerting.ts";
import { calling, shard } from "./shard-client.ts";

const DONE = {
  acknowledge: "acknowledged",
  unacknowledge: "no longer acknowledged",
  note: "noted",
  resolve: "resolved",
} as const satisfies Record<IncidentAction["action"], string>;

/** What a person does with incidents, of those that they may see. Answers the ones that this changed. `field` names them. */
export async function actOn(
  c: ApiContext,
  db: Database,
  { ids, action, note }: Omit<IncidentAction, "actor">,
  field: string,
): Promise<Incident[]> {
  const { tags, name } = c.var.principal.person;
  const seen = await findSeen(db, ids, tags);
  if (seen.length === 0) throw noSuchIncident(field);
  if (action === "resolve" && seen.some(({ isWhole }) => !isWhole)) throw notTheirsAlone(field);
  const seenIds = seen.map(({ incident }) => incident.id);
  const acted = await calling(async () => shard(c.env).actOnIncidents({ ids: seenIds, action, note, actor: name }));
  const incidents = await findIncidents(db, acted, tags);
  if (acted.length > 0) {
    const subject = incidents.length === 1 ? incidents[0]!.title : `${acted.length} incidents`;
    const after = note ? `${DONE[action]}: ${note}` : DONE[action];
    await recordDone(db, actorOf(c, c.var.principal), { action: "incidents.changed", subject, after }, Date.now());
  }
  return incidents;
}

export function noSuchIncident(field: string): NephosError {
  return new NephosError("not_found", "There is no such incident.", {
    field,
    remedy: "Incidents are kept for 400 days after they are over; the incidents page lists what there is.",
  });
}

/** What is over for one is over for all who belong to it, and is told to nobody any more. */
function notTheirsAlone(field: string): NephosError {
  return new NephosError("role_too_low", "Others than the instances you see belong to this incident too.", {
    field,
    remedy: "Acknowledge it, or ask somebody who sees the whole fleet to resolve it.",
  });
}
