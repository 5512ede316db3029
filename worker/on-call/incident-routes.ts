import { isCheckSubject } from "../../contract/rules.ts";
import {
  countOpen,
  findSeen,
  incidentEventsOf,
  listIncidents,
  membersOf,
  type Seen,
} from "../alerts/incident-queries.ts";
import { explainedMetric } from "../alerts/measure.ts";
import { findRule, overridesOf } from "../alerts/rule-store.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { checkIdsOfInstances, findCheck } from "../checks/store.ts";
import { database, type Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { actOn, noSuchIncident } from "../live/acting-on-incidents.ts";
import { explanationOf } from "../notify/explain.ts";
import { notificationsOfIncident } from "../notify/store.ts";
import { eventsOfPart } from "./hidden-members.ts";
import { chartOf } from "./incident-chart.ts";

const NOTIFICATIONS_SHOWN_MAX = 200;

/** Incidents over HTTP: read from the database, acted on in the shard, which alone writes them. */
export const incidentRoutes = api({
  "GET /api/incidents": async (c, { query: { subject, ...query } }) => {
    const db = database(c.env.DB);
    const { tags } = c.var.principal.person;
    const subjects = subject === undefined ? undefined : await withChecks(db, subject);
    const [page, counts] = await Promise.all([listIncidents(db, { ...query, subjects }, tags), countOpen(db, tags)]);
    return { now: Date.now(), ...page, counts };
  },

  "GET /api/incidents/:id": async (c) => {
    const db = database(c.env.DB);
    const { incident, isWhole } = await visibleIncident(c, db);
    const { id, ruleId, kind, severity, subject } = incident;
    const [members, events, notifications, rule, overrides, check] = await Promise.all([
      membersOf(db, id, isWhole ? null : c.var.principal.person.tags),
      incidentEventsOf(db, id),
      notificationsOfIncident(db, id, NOTIFICATIONS_SHOWN_MAX),
      findRule(db, ruleId),
      overridesOf(db, ruleId),
      isCheckSubject(subject) ? findCheck(db, subject) : undefined,
    ]);
    const chart = chartOf(incident, rule, overrides, check?.target.kind);
    const metric = explainedMetric(incident, rule?.condition);
    return {
      now: Date.now(),
      incident,
      members: members.map(({ incidentId: _incident, ...member }) => member),
      events: isWhole ? events : eventsOfPart(events, members),
      notifications: isWhole ? notifications : notifications.map((one) => ({ ...one, title: incident.title })),
      explanation: explanationOf(kind, metric, severity),
      chart,
    };
  },

  "POST /api/incident-actions": async (c, { body: { ids, action, note } }) => {
    const db = database(c.env.DB);
    if (action === "note" && !note) {
      throw new NephosError("invalid_field", "note: must not be empty", {
        field: "note",
        remedy: "Write what whoever looks at this next should know.",
      });
    }
    return { incidents: await actOn(c, db, { ids, action, note: note || null }, "ids") };
  },
});

async function visibleIncident(c: ApiContext, db: Database): Promise<Seen> {
  const [seen] = await findSeen(db, [c.req.param("id")!], c.var.principal.person.tags);
  if (!seen) throw noSuchIncident("id");
  return seen;
}

/** Who names a machine names its checks too. */
async function withChecks(db: Database, subject: string): Promise<string[]> {
  return isCheckSubject(subject) ? [subject] : [subject, ...(await checkIdsOfInstances(db, [subject]))];
}
