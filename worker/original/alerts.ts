import type { Incident } from "../../contract/incidents.ts";
import { metricOf } from "../../contract/metric.ts";
import type { OriginalAlert, OriginalAlertStatus } from "../../contract/original.ts";
import type { EpochMs } from "../../contract/units.ts";
import { findIncidents, listIncidents } from "../alerts/incident-queries.ts";
import { metricOfCondition } from "../alerts/measure.ts";
import { listRules } from "../alerts/rule-store.ts";
import type { ApiContext } from "../auth/api.ts";
import { checkIdsOfInstances } from "../checks/store.ts";
import { database, type Database } from "../db/client.ts";
import type { IncidentAction } from "../live/alerting.ts";
import { originalNameOf } from "./names.ts";

const STATUS_OF = {
  open: "active",
  acknowledged: "acknowledged",
  resolved: "resolved",
} as const satisfies Record<Incident["state"], OriginalAlertStatus>;

/** What makes an alert this. */
export const ACTION_OF = {
  active: "unacknowledge",
  acknowledged: "acknowledge",
  resolved: "resolve",
} as const satisfies Record<OriginalAlertStatus, IncidentAction["action"]>;

interface AlertsAsked {
  status?: OriginalAlertStatus | undefined;
  instanceId?: string | undefined;
  limit: number;
  before?: string | undefined;
}

/** Newest first within a page. A page may be short, as what is acknowledged is told apart after it was read. */
export async function originalAlerts(
  c: ApiContext,
  { status, instanceId, limit, before }: AlertsAsked,
): Promise<{ alerts: OriginalAlert[]; next: string | null }> {
  const db = database(c.env.DB);
  const state = status === undefined ? "all" : status === "resolved" ? "resolved" : "open";
  const subjects =
    instanceId === undefined ? undefined : [instanceId, ...(await checkIdsOfInstances(db, [instanceId]))];
  const { incidents, next } = await listIncidents(db, { state, subjects, limit, before }, c.var.principal.person.tags);
  const meant = incidents.filter((one) => status === undefined || STATUS_OF[one.state] === status);
  const alerts = await asAlerts(db, meant);
  return { alerts: alerts.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)), next };
}

/** Undefined where it is not there, or not for this person. */
export async function originalAlert(c: ApiContext, id: string): Promise<OriginalAlert | undefined> {
  const db = database(c.env.DB);
  return (await asAlerts(db, await findIncidents(db, [id], c.var.principal.person.tags)))[0];
}

async function asAlerts(db: Database, incidents: readonly Incident[]): Promise<OriginalAlert[]> {
  if (incidents.length === 0) return [];
  const rules = await listRules(db);
  const metrics = new Map(rules.map(({ id, condition }) => [id, metricOfCondition(condition)]));
  return incidents.map((incident) => alertOf(incident, metrics.get(incident.ruleId) ?? null));
}

function alertOf(incident: Incident, metric: string | null): OriginalAlert {
  const { id, title, reason, severity, state, subject, instanceId, openedAt, updatedAt, resolvedAt } = incident;
  const iso = (at: EpochMs) => new Date(at).toISOString();
  return {
    id,
    instanceId: instanceId ?? subject,
    alertType: typeOf(incident, metric),
    severity: severity === "critical" ? "critical" : "high",
    message: `${title}: ${reason}`,
    status: STATUS_OF[state],
    createdAt: iso(openedAt),
    updatedAt: iso(updatedAt),
    ...(resolvedAt !== null && { resolvedAt: iso(resolvedAt) }),
  };
}

/** As the original calls its own; what it does not know is called by its kind. */
function typeOf({ kind, severity }: Incident, metric: string | null): string {
  if (kind === "verdict") return severity === "critical" ? "instance_down" : "performance_degradation";
  if (kind === "metric" && metric !== null) return `${originalNameOf(metric) ?? metricOf(metric)}_${severity}`;
  return `${kind}_${severity}`;
}
